"""Codes, days and statements that the tests of the registry share."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from huiqi.registry.credit_code import check_character, make_fictitious, organisation_check_character
from huiqi.registry.models import Statement

TODAY = dt.date(2026, 11, 24)

serial_numbers = itertools.count(1)


def real_code(serial: int, region: str = "650100") -> str:
    """A credit code that passes every check and is not of the demonstration."""
    body = f"MA{serial:06d}"
    first = f"91{region}{body}{organisation_check_character(body)}"
    return first + check_character(first)


def demo_code(serial: int) -> str:
    return make_fictitious("1", "09", serial)


def declared(made_on: dt.date = TODAY, **fields: Any) -> Statement:
    return Statement(source="declared", made_on=made_on, **fields)


def certified(made_on: dt.date = TODAY, **fields: Any) -> Statement:
    return Statement(source="certified", made_on=made_on, **({"certifier_name": "自治区税务局"} | fields))
