"""Models of the registry, a file a subject."""

from .facts import EnterpriseFacts, Statement
from .imports import RosterImport
from .organisations import Organisation
from .people import Membership, Person
from .places import Industry, Region
from .sizes import SizeSnapshot

__all__ = [
    "EnterpriseFacts",
    "Industry",
    "Membership",
    "Organisation",
    "Person",
    "Region",
    "RosterImport",
    "SizeSnapshot",
    "Statement",
]
