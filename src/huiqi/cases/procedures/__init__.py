"""Procedures: each is one class, from which buttons, permissions, diagram, API and documentation come."""

from .base import DiagramError, Procedure, Step
from .complaint import Complaint

#: Every procedure by its key.
PROCEDURES: dict[str, type[Procedure]] = {Complaint.key: Complaint}

__all__ = ["PROCEDURES", "Complaint", "DiagramError", "Procedure", "Step"]
