"""Rosters: tables of enterprises as CSV, Excel or Parquet. ``read`` needs no database; ``import_roster`` does."""

from .reader import Roster, read
from .tables import Limits

__all__ = ["Limits", "Roster", "read"]
