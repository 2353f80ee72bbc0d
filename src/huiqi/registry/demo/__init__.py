"""The demonstration roster: invented enterprises that reproduce published totals of Xinjiang.

``draw`` gives a table in memory, ``write_parquet`` a file of any size. No real firm and no person is in it, every name
ends in （样例） and every credit code lies in a range that no authority issues.
"""

from .draw import PROVENANCE, draw, write_parquet

__all__ = ["PROVENANCE", "draw", "write_parquet"]
