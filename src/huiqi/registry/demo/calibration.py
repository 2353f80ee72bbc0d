"""The calibration of the demonstration roster, read from ``data/roster_calibration.yaml`` into arrays to draw from.

Every number there carries its status: published, derived from published figures, or assumption. The block
``additions`` holds the assumptions that only the generator makes.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

DATA = Path(__file__).parent.parent / "data"

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Rounds of proportional fitting; the margins agree to six digits after about ten.
_RAKING_ROUNDS = 20


@dataclass(frozen=True)
class Calibration:
    """Arrays over sections, prefectures, counties and four-digit classes, and the rest of the file as it stands."""

    raw: dict[str, Any]
    reference_date: dt.date
    as_of: dt.date
    sections: tuple[str, ...]
    prefectures: tuple[str, ...]
    joint: Floats  # section x prefecture, sums to 1
    ordinals: tuple[str, ...]  # of each prefecture, in its credit codes
    counties: tuple[str, ...]
    county_names: tuple[str, ...]
    short_names: tuple[str, ...]
    prefecture_of_county: Ints
    county_weights: Floats
    classes: tuple[str, ...]
    class_words: tuple[str, ...]
    section_of_class: Ints
    class_weights: Floats  # prefecture x class
    body_median: Floats  # the rest: one number a class, from the subgroup of its section
    employees_factor: Floats
    revenue_per_head: Floats
    assets_median: Floats
    body_sigma: Floats
    tail_share: Floats
    tail_median: Floats
    tail_sigma: Floats
    revenue_sigma: Floats
    elasticity: Floats
    zero_revenue_share: Floats
    assets_sigma: Floats
    debt_ratio: Floats

    @property
    def additions(self) -> dict[str, Any]:
        return dict(self.raw["additions"])

    @property
    def enterprises(self) -> int:
        """The number of enterprises in Xinjiang to which the published counts of recognitions refer."""
        by_year = self.raw["totals"]["enterprise_legal_units"]["by_year"]
        return int(by_year[max(by_year)])

    def by_section(self, table: dict[str, Any]) -> Floats:
        """A number for each section from a table by letter with ``other`` for the rest."""
        return np.array([float(table.get(section, table.get("other", 0))) for section in self.sections])


def rake(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """The table scaled to the given row and column sums by iterative proportional fitting."""
    for _ in range(_RAKING_ROUNDS):
        table = table * (rows / table.sum(axis=1))[:, None]
        table = table * (columns / table.sum(axis=0))[None, :]
    return table


def matches(specification: str, code: str) -> bool:
    """Whether a class lies in codes written like ``54-58,591`` or ``all``."""
    for part in specification.split(","):
        first, _, last = part.partition("-")
        if part == "all" or (first <= code[: len(first)] <= (last or first)):
            return True
    return False


def _regions() -> list[dict[str, str]]:
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _counties(raw: dict[str, Any], prefectures: tuple[str, ...]) -> list[tuple[str, str, int, float]]:
    """(code, name, index of the prefecture, weight inside it) of every county; the seat first takes its fixed share."""
    rules = raw["prefectures"]["counties"]
    regions = _regions()
    found: list[tuple[str, str, int, float]] = []
    for index, prefecture in enumerate(prefectures):
        members = [r for r in regions if r["level"] == "county" and r["parent_code"] == prefecture]
        if not members:  # the cities of the Corps are counties and stand for themselves
            own = next(r for r in regions if r["code"] == prefecture)
            found.append((prefecture, own["name_zh"], index, 1.0))
            continue
        seat = rules["seats"].get(prefecture)
        weights = {}
        for region in members:
            code = region["code"]
            if prefecture == "650100":
                weights[code] = float(rules["urumqi_districts"][code])
            elif code in rules["new_counties"]:
                weights[code] = 0.3
            else:
                plain = 2.0 if region["kind"] in ("县级市", "市辖区") else 1.0
                weights[code] = float(rules["overrides"].get(code, plain))
        if seat and len(members) > 1:
            rest = sum(weight for code, weight in weights.items() if code != seat)
            weights = {code: 0.55 * weight / rest if code != seat else 0.45 for code, weight in weights.items()}
        total = sum(weights.values())
        found += [(r["code"], r["name_zh"], index, weights[r["code"]] / total) for r in members]
    return found


def _short_name(code: str, name: str, given: dict[str, str]) -> str:
    return given.get(code) or re.sub("(地区|[市县区])$", "", name)


@functools.cache
def calibration() -> Calibration:
    """The calibration that ships with the product."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load((DATA / "roster_calibration.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    industries = {s: item for s, item in raw["industries"]["sections"].items() if item["model"]}
    sections = tuple(industries)
    places = raw["prefectures"]["by_code"]
    prefectures = tuple(places)

    section_weights = np.array([item["weight"] for item in industries.values()])
    prefecture_weights = np.array([item["weight"] for item in places.values()])
    tilt = np.ones((len(sections), len(prefectures)))
    tilts = raw["prefectures"]["section_tilt"]
    for column, prefecture in enumerate(prefectures):
        own = tilts.get(prefecture) or (tilts["bingtuan_cities"] if places[prefecture].get("is_bingtuan") else {})
        for section, factor in own.items():
            tilt[sections.index(section), column] = factor
    section_weights /= section_weights.sum()
    prefecture_weights /= prefecture_weights.sum()
    joint = rake(tilt * section_weights[:, None] * prefecture_weights[None, :], section_weights, prefecture_weights)

    counties = _counties(raw, prefectures)
    given = raw["names"]["short_names"]

    classes = [(section, item) for section in sections for item in raw["classes"]["by_section"][section]]
    weights = np.tile([item["weight"] for _, item in classes], (len(prefectures), 1)).astype(float)
    for rule in raw["prefectures"]["manufacturing_tilt"].values():
        for prefecture in rule["prefectures"]:
            for column, (_, item) in enumerate(classes):
                if item["code"] in rule["codes"]:
                    weights[prefectures.index(prefecture), column] *= rule["factor"]

    models = [industries[section]["model"] for section, _ in classes]
    subgroups = [
        next(group for group in model["subgroups"] if matches(group["codes"], item["code"]))
        for model, (_, item) in zip(models, classes, strict=True)
    ]
    assets = [
        group["assets_per_revenue_median"]
        if model["assets_per_revenue"]["median"] == "by_subgroup"
        else model["assets_per_revenue"]["median"]
        for model, group in zip(models, subgroups, strict=True)
    ]

    def of_model(block: str, key: str) -> Floats:
        return np.array([float(model[block][key]) for model in models])

    def of_subgroup(key: str) -> Floats:
        return np.array([float(group[key]) for group in subgroups])

    return Calibration(
        raw=raw,
        reference_date=dt.date.fromisoformat(raw["reference_date_of_roster"]),
        as_of=dt.date.fromisoformat(raw["as_of"]),
        sections=sections,
        prefectures=prefectures,
        joint=joint,
        ordinals=tuple(item["code_ordinal"] for item in places.values()),
        counties=tuple(code for code, *_ in counties),
        county_names=tuple(name for _, name, *_ in counties),
        short_names=tuple(_short_name(code, name, given) for code, name, *_ in counties),
        prefecture_of_county=np.array([index for *_, index, _ in counties]),
        county_weights=np.array([weight for *_, weight in counties]),
        classes=tuple(item["code"] for _, item in classes),
        class_words=tuple(item["word"] for _, item in classes),
        section_of_class=np.array([sections.index(section) for section, _ in classes]),
        class_weights=weights,
        body_median=of_subgroup("body_median_employees"),
        employees_factor=of_subgroup("employees_factor"),
        revenue_per_head=of_subgroup("median_revenue_per_employee_wan"),
        assets_median=np.array(assets, float),
        body_sigma=of_model("employees", "body_sigma"),
        tail_share=of_model("employees", "tail_share"),
        tail_median=of_model("employees", "tail_median"),
        tail_sigma=of_model("employees", "tail_sigma"),
        revenue_sigma=of_model("revenue_per_employee", "sigma"),
        elasticity=of_model("revenue_per_employee", "elasticity_on_employees"),
        zero_revenue_share=of_model("revenue_per_employee", "zero_revenue_share"),
        assets_sigma=of_model("assets_per_revenue", "sigma"),
        debt_ratio=np.array([industries[section]["derived_2023"]["debt_ratio"] for section in sections]),
    )
