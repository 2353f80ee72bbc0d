"""Rosters: tables of enterprises as CSV, Excel or Parquet. ``read`` needs no database; ``import_roster`` does."""

from .limits import Limits
from .reader import Roster, read

__all__ = ["Limits", "Roster", "read"]
