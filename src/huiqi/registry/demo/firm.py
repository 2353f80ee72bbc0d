"""The firm itself: place, industry, age, staff, revenue, assets, form, record, recognitions and research.

Steps 1 to 8 and 10 of the drawing order of the calibration. ``Firms`` collects the facts of one chunk under their
dictionary names; the other modules of this package add theirs in the same way.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiqi.registry.size import classify_columns
from huiqi.rules.dictionary import Dictionary, dictionary

from .calibration import Calibration
from .chance import Bools, Chance, Floats, Ints

EPOCH = dt.date(1970, 1, 1)
LARGEST_STAFF = 20_000
OLDEST = 35.0
DAYS_OF_YEAR = 365.25

#: Weight of capability in the choice of recognised firms; about a correlation of 0.6 on the probit scale.
_CAPABILITY_IN_RECOGNITION = 0.9

#: Revenue from which a firm can be recognised at all (万元): the criteria ask for a going business.
_SOME_REVENUE = 50.0

#: A code of the group "other industries not listed", to which the calibration refers firms outside the standard.
_STAND_IN = "7030"


@dataclass
class Plan:
    """What is fixed for all firms before chunks are drawn: place, class and form, and their serials."""

    prefecture: npt.NDArray[np.int16]
    county: npt.NDArray[np.int16]
    industry: npt.NDArray[np.int16]
    form: npt.NDArray[np.int8]
    serial: npt.NDArray[np.int32]
    name_sequence: npt.NDArray[np.int32]


@dataclass
class Firms:
    """The facts of one chunk of firms.

    ``values`` holds, by dictionary name: bool, int and float arrays; days since 1970 for dates; the position in the
    members for an enum; a bit mask over the members for a set; a position in ``words`` for a text. ``absent`` marks
    what does not exist for a firm and is NULL even in the complete table (the day of a loan that was never taken), and
    ``settled`` what is zero by rule and never missing (the exports of a firm that does not trade).
    """

    calibration: Calibration
    chance: Chance
    scale: npt.NDArray[np.int8] = field(init=False)
    values: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    absent: dict[str, Bools] = field(default_factory=dict)
    settled: dict[str, Bools] = field(default_factory=dict)
    words: dict[str, list[Any]] = field(default_factory=dict)
    dictionary: Dictionary = field(default_factory=dictionary)

    @property
    def count(self) -> int:
        return self.chance.count

    def member(self, fact: str, code: str) -> int:
        """The position of a member among those of its fact."""
        return [m.code for m in self.dictionary[fact].members or ()].index(code)

    def bit(self, fact: str, code: str) -> int:
        return 1 << self.member(fact, code)

    def existing(self, fact: str, values: npt.NDArray[Any], exists: Bools) -> None:
        """A value for the firms for which it exists, NULL for the others."""
        self.values[fact] = values
        self.absent[fact] = ~exists

    def amount(self, fact: str, values: Floats, possible: Bools, decimals: int = 2) -> None:
        """An amount where it is possible, a settled zero elsewhere."""
        self.values[fact] = np.where(possible, np.round(values, decimals), 0.0)
        self.settled[fact] = ~possible

    def in_sections(self, letters: str) -> Bools:
        return np.isin(self.section, [self.calibration.sections.index(letter) for letter in letters])

    def by_section(self, table: dict[str, Any]) -> Floats:
        return self.calibration.by_section(table)[self.section]

    def by_scale(self, table: dict[str, Any]) -> Floats:
        """A number for each firm from a table by size class; large firms take the number of medium ones if absent."""
        order = [table["micro"], table["small"], table["medium"], table.get("large", table["medium"])]
        return np.array(order, float)[self.scale]

    section: Ints = field(init=False)
    prefecture: Ints = field(init=False)
    county: Ints = field(init=False)
    industry: Ints = field(init=False)
    form: Ints = field(init=False)
    age: Floats = field(init=False)
    employees: Floats = field(init=False)
    revenue: Floats = field(init=False)
    assets: Floats = field(init=False)
    covered: Bools = field(init=False)
    innovative: Bools = field(init=False)
    specialised: Bools = field(init=False)
    little_giant: Bools = field(init=False)
    high_tech: Bools = field(init=False)
    tech_sme: Bools = field(init=False)
    has_rd: Bools = field(init=False)
    reexamination: Bools = field(init=False)

    @property
    def recognised(self) -> Bools:
        return self.innovative | self.high_tech


def plan(calibration: Calibration, enterprises: int, seed: int) -> Plan:
    """Place, class and form of every firm. Sections and prefectures meet their shares by systematic sampling."""
    rng = np.random.default_rng([seed, 0])
    expected = calibration.joint.ravel() / calibration.joint.sum() * enterprises
    total = np.floor(np.cumsum(expected) + rng.random())
    total[-1] = enterprises
    counts = np.diff(np.minimum(total, enterprises), prepend=0).astype(np.int64)
    cell = rng.permutation(np.repeat(np.arange(len(counts), dtype=np.int16), counts))
    section, prefecture = np.divmod(cell, len(calibration.prefectures))

    county = np.empty(enterprises, np.int16)
    industry = np.empty(enterprises, np.int16)
    u_county, u_industry = rng.random(enterprises), rng.random(enterprises)
    for index in range(len(calibration.prefectures)):
        rows = np.flatnonzero(prefecture == index)
        own = np.flatnonzero(calibration.prefecture_of_county == index)
        county[rows] = own[_invert(calibration.county_weights[own], u_county[rows])]
        for number in range(len(calibration.sections)):
            inside = rows[section[rows] == number]
            options = np.flatnonzero(calibration.section_of_class == number)
            industry[inside] = options[_invert(calibration.class_weights[index, options], u_industry[inside])]

    forms = calibration.raw["legal_form"]["enterprise"]
    members = [m.code for m in dictionary()["legal_form"].members or ()]
    codes = np.array([members.index(code) for code in forms], np.int8)
    form = codes[_invert(np.array(list(forms.values())), rng.random(enterprises))]

    places, words = _positions(calibration.short_names)[county], _positions(calibration.class_words)[industry]
    name_key = (places * len(calibration.classes) + words) * len(members) + form
    return Plan(prefecture, county, industry, form, _occurrence(prefecture) + 1, _occurrence(name_key))


def _invert(weights: Floats, u: Floats) -> Ints:
    cumulative = np.cumsum(weights)
    return np.asarray(np.searchsorted(cumulative, u * cumulative[-1], side="right").clip(max=len(weights) - 1))


def _positions(names: tuple[str, ...]) -> Ints:
    """For each name the position of its first occurrence, so that equal names share a number."""
    return np.array([names.index(name) for name in names])


def _occurrence(keys: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """How often the key of each place has occurred before it."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    sizes = np.diff(starts, append=len(keys))
    found = np.empty(len(keys), np.int32)
    found[order] = np.arange(len(keys)) - np.repeat(starts, sizes)
    return found


def draw_identity(firms: Firms, fixed: Plan, rows: slice) -> None:
    """Place, industry and form from the plan."""
    calibration = firms.calibration
    firms.prefecture, firms.county = fixed.prefecture[rows].astype(int), fixed.county[rows].astype(int)
    firms.industry, firms.form = fixed.industry[rows].astype(int), fixed.form[rows].astype(int)
    firms.section = calibration.section_of_class[firms.industry]
    values, additions, chance = firms.values, calibration.additions, firms.chance

    values["legal_form"] = firms.form
    firms.words["registration_region"] = firms.words["operating_region"] = list(calibration.counties)
    values["registration_region"] = firms.county
    elsewhere = np.empty(firms.count, int)
    for prefecture in range(len(calibration.prefectures)):
        own = np.flatnonzero(calibration.prefecture_of_county == prefecture)
        members = np.flatnonzero(firms.prefecture == prefecture)
        elsewhere[members] = chance.rng.choice(own, len(members))
    values["operating_region"] = np.where(
        chance.happens(additions["operating_elsewhere"]["value"]), elsewhere, firms.county
    )
    corps = np.array([bool(item.get("is_bingtuan")) for item in calibration.raw["prefectures"]["by_code"].values()])
    values["is_bingtuan"] = corps[firms.prefecture]
    firms.words["industry_code"] = list(calibration.classes)
    values["industry_code"] = firms.industry

    # Secondary activities: none, or one class of the same section other than the main one.
    firms.words["secondary_industry_codes"] = [[], *([code] for code in calibration.classes)]
    second = np.empty(firms.count, int)
    for section in range(len(calibration.sections)):
        members = np.flatnonzero(firms.section == section)
        second[members] = chance.rng.choice(np.flatnonzero(calibration.section_of_class == section), len(members))
    has_second = chance.happens(additions["secondary_industry_any"]) & (second != firms.industry)
    values["secondary_industry_codes"] = np.where(has_second, second + 1, 0)

    _draw_zones(firms)


def _draw_zones(firms: Firms) -> None:
    calibration, chance = firms.calibration, firms.chance
    shares, areas = calibration.raw["other"]["special_zone"], calibration.additions["difficult_areas"]
    zones = np.where(chance.happens(shares["development_zone"]), firms.bit("special_zone", "development_zone"), 0)
    county_codes, prefecture_codes = np.array(calibration.counties), np.array(calibration.prefectures)
    for zone, rule in shares.items():
        if zone == "development_zone":
            continue
        share, _, place = rule.partition(" of ")
        inside = (county_codes[firms.county] == place) | (prefecture_codes[firms.prefecture] == place)
        zones |= np.where(inside & chance.happens(float(share)), firms.bit("special_zone", zone), 0)
    firms.values["special_zone"] = zones
    difficult = np.isin(calibration.counties, areas["counties"]) | np.isin(
        np.array(calibration.prefectures)[calibration.prefecture_of_county], areas["prefectures"]
    )
    firms.values["in_xj_difficult_area"] = difficult[firms.county]
    # The list of pilot cities is not loaded, so the fact is known of nobody.
    firms.existing("in_digital_pilot_city", np.zeros(firms.count, bool), np.zeros(firms.count, bool))


def draw_size(firms: Firms) -> None:
    """Age, staff, revenue, assets, and from them the size, which is computed and never drawn."""
    c, chance, of = firms.calibration, firms.chance, firms.industry
    bands = {name: share for name, share in c.raw["age"]["use"].items() if isinstance(share, float)}
    edges = {"under_1": (0, 1), "1_to_3": (1, 3), "3_to_5": (3, 5), "5_to_10": (5, 10), "10_to_15": (10, 15), "15_to_20": (15, 20), "20_to_30": (20, 30)}  # fmt: skip
    band = chance.pick(list(bands.values()))
    low, high = (np.array([edges[name][end] for name in bands], float)[band] for end in (0, 1))
    age = low + (high - low) * chance.rng.random(firms.count)

    # Residuals with capability, block "correlation" of the calibration. Staff and revenue per head lean on capability
    # both, but not on each other beyond the elasticity: that is what the calibration was solved for.
    with_staff, with_revenue = 0.45, 0.35
    own = chance.rng.standard_normal(firms.count)
    staff_own = np.sqrt(1 - with_staff**2)
    against = -with_staff * with_revenue / staff_own
    residual = with_staff * chance.capability + staff_own * own
    revenue_own = np.sqrt(1 - with_revenue**2 - against**2)
    revenue_residual = (
        with_revenue * chance.capability + against * own + revenue_own * chance.rng.standard_normal(firms.count)
    )
    tail = chance.happens(c.tail_share[of])
    staff = np.where(
        tail,
        c.tail_median[of] * c.employees_factor[of] * np.exp(c.tail_sigma[of] * residual),
        c.body_median[of] * np.exp(c.body_sigma[of] * residual),
    )
    firms.employees = np.clip(np.round(staff), 1, LARGEST_STAFF)

    per_head = (
        np.log(c.revenue_per_head[of])
        + c.elasticity[of] * (np.log(firms.employees) - np.log(c.body_median[of]))
        + c.revenue_sigma[of] * revenue_residual
    )
    idle = ~tail & chance.happens(c.zero_revenue_share[of])
    turnover = np.round(firms.employees * np.exp(per_head), 2)
    firms.revenue = np.where(idle, 0.0, turnover)
    assets = np.where(
        idle,
        chance.lognormal(60, 1.3),  # assets of a firm without revenue, step 6 of the drawing order
        turnover * chance.lognormal(c.assets_median[of], c.assets_sigma[of]),
    )
    firms.assets = np.asarray(np.round(assets, 2), float)

    codes = pa.DictionaryArray.from_arrays(pa.array(of, pa.int32()), pa.array(c.classes))
    firms.covered = classify_columns(codes, firms.employees, firms.revenue, firms.assets, c.as_of).best >= 0
    stand_in = np.array(c.classes)[of]
    stand_in[~firms.covered] = _STAND_IN
    firms.scale = classify_columns(pa.array(stand_in), firms.employees, firms.revenue, firms.assets, c.as_of).size_class

    firms.age = np.minimum(age * firms.by_scale(c.raw["age"]["shift_by_size"]), OLDEST)
    reference = (c.reference_date - EPOCH).days
    firms.values["established_date"] = np.floor(reference - firms.age * DAYS_OF_YEAR).astype(int)
    firms.values["employees"] = firms.employees.astype(int)
    _draw_years(firms)


def _draw_years(firms: Firms) -> None:
    """Three fiscal years back, so that growth and falling-revenue rules have something to bite on."""
    c, chance = firms.calibration, firms.chance
    shock, ended = c.additions["revenue_shock"], c.additions["revenue_ended"]["share"]
    revenue = firms.revenue
    founded = firms.values["established_date"]
    for steps, fact in ((1, "revenue_prev"), (2, "revenue_prev2")):
        change = 0.04 + 0.22 * chance.rng.standard_normal(firms.count)  # drift and spread of "year_on_year"
        change += np.where(chance.happens(shock["share"]), shock["sigma"] * chance.rng.standard_normal(firms.count), 0)
        earlier = revenue * np.exp(-change)
        if steps == 1:
            had = (revenue == 0) & chance.happens(ended)
            usual = firms.employees * c.revenue_per_head[firms.industry]
            earlier = np.where(had, chance.lognormal(usual, c.revenue_sigma[firms.industry]), earlier)
        last_day = (dt.date(c.reference_date.year - steps, 12, 31) - EPOCH).days
        revenue = np.round(earlier, 2)
        firms.amount(fact, revenue, founded <= last_day)
        revenue = firms.values[fact]
    firms.values["revenue"] = firms.revenue
    firms.values["total_assets"] = firms.assets


def draw_record(firms: Firms) -> None:
    """Ownership, status and record."""
    c, chance = firms.calibration, firms.chance
    company = firms.form == firms.member("legal_form", "company")
    plain = c.raw["ownership"]
    rest = plain["rest"]
    members = [m.code for m in firms.dictionary["ownership_type"].members or ()]
    tables = []
    for scale in ("micro", "small", "medium", "large"):
        own = plain["by_size"].get(scale, {"private": plain["private"]["value"], "state": rest["state"]})
        left = 1 - own["private"] - own["state"]
        others = {code: rest[code] for code in ("collective", "mixed", "foreign")}
        tables.append([own.get(code, left * others.get(code, 0) / sum(others.values())) for code in members])
    ownership = chance.pick(np.array(tables)[firms.scale])
    firms.values["ownership_type"] = np.where(company, ownership, members.index("private"))

    statuses = [m.code for m in firms.dictionary["registration_status"].members or ()]
    firms.values["registration_status"] = chance.pick([c.raw["registration_status"][code] for code in statuses])
    record = c.raw["clean_record"]
    idle = firms.revenue == 0
    base = record["abnormal_listed"] / (1 + 2 * idle.mean()) if firms.count else record["abnormal_listed"]
    firms.values["abnormal_listed"] = chance.happens(np.where(idle, 3 * base, base), -0.4)
    firms.values["serious_dishonesty"] = chance.happens(record["serious_dishonesty"])
    firms.values["major_incident_3y"] = chance.happens(record["major_incident_3y"])
    firms.values["major_incident_2y"] = firms.values["major_incident_3y"] & chance.happens(2 / 3)
    firms.values["tax_arrears"] = chance.happens(record["tax_arrears"], -0.4)
    other = c.raw["other"]
    firms.values["disaster_affected"] = chance.happens(other["disaster_affected"])
    firms.values["restricted_industry"] = chance.happens(other["restricted_industry"])


def draw_recognitions(firms: Firms) -> None:
    """Innovative, specialised, little giant (nested) and high-tech, in the numbers that are published.

    A title goes only to firms whose figures can meet its criteria, so that no firm contradicts its title.
    """
    c, chance, values = firms.calibration, firms.chance, firms.values
    published, propensity = c.raw["recognitions"], c.raw["recognitions"]["propensity"]
    share = firms.count / c.enterprises
    active = values["registration_status"] == firms.member("registration_status", "active")
    blemished = np.logical_or.reduce(
        [
            values[name]
            for name in (
                "abnormal_listed",
                "serious_dishonesty",
                "major_incident_3y",
                "restricted_industry",
                "tax_arrears",
            )
        ]
    )
    able = (
        (firms.form == firms.member("legal_form", "company"))
        & active
        & ~blemished
        & firms.covered
        & (firms.age >= 2)
        & (firms.revenue >= _SOME_REVENUE)
        & (values["revenue_prev"] >= _SOME_REVENUE)
    )
    sizes = propensity["size"]
    of_size = np.array([sizes["micro"], sizes["small"], sizes["medium"], 0.0])[firms.scale]
    capable = np.exp(_CAPABILITY_IN_RECOGNITION * firms.chance.capability)
    weights = able * firms.by_section(propensity["section"]) * of_size * capable

    def numbers(name: str) -> float:
        return float(published[name]["value"]) * share

    three = firms.age >= 3.1
    sound = (firms.revenue >= 1500) & (values["revenue_prev"] >= 1500)
    grown = (firms.revenue >= 5000) & (values["revenue_prev"] >= 4000) & (values["revenue_prev2"] > 0)
    growing = grown & (firms.revenue >= 1.11 * values["revenue_prev2"])
    firms.little_giant = chance.choose(weights * (three & growing), numbers("little_giant"))
    firms.specialised = firms.little_giant | chance.choose(
        weights * (three & sound & ~firms.little_giant), numbers("specialised_sme") - numbers("little_giant")
    )
    firms.innovative = firms.specialised | chance.choose(
        weights * ~firms.specialised, numbers("innovative_sme") - numbers("specialised_sme")
    )

    both = firms.innovative & chance.happens(propensity["high_tech_given_innovative"])
    large = firms.scale == 3
    of_size = np.where(large, sizes["large_high_tech_only"], of_size)
    weights = able * ~firms.innovative * firms.by_section(propensity["section"]) * of_size * capable
    capital = firms.prefecture == c.prefectures.index("650100")
    capital_share = published["urumqi_share_of_high_tech"]["use"]
    firms.high_tech = both.copy()
    for place, part in ((capital, capital_share), (~capital, 1 - capital_share)):
        wanted = numbers("high_tech") * part - float((both & place).sum())
        firms.high_tech |= chance.choose(weights * place, max(wanted, 0.0))
    fits = (firms.employees <= 500) & (firms.revenue <= 20_000) & (firms.assets <= 20_000)
    firms.tech_sme = firms.recognised & fits & chance.happens(c.additions["tech_sme_given_recognised"])
    firms.reexamination = firms.recognised & chance.happens(0.02)

    titles = np.zeros(firms.count, int)
    reference = (c.as_of - EPOCH).days
    year_end = (dt.date(c.as_of.year, 12, 31) - EPOCH).days
    held = {
        "hte": firms.high_tech,
        "tech_sme": firms.tech_sme,
        "innovative_sme": firms.innovative,
        "specialized_sme": firms.specialised,
        "little_giant": firms.little_giant,
    }
    for title, holds in held.items():
        titles |= np.where(holds, firms.bit("titles", title), 0)
        # Titles run three years; a technology SME is numbered anew each year. None has ended by the end of the year.
        ends = year_end if title == "tech_sme" else reference + np.round(chance.uniform(40, 1000)).astype(int)
        firms.existing(f"{title}_valid_to", np.broadcast_to(ends, firms.count).copy(), holds)
    values["titles"] = titles
    everything = (1 << len(firms.dictionary["titles"].members or ())) - 1
    values["titles_not_held"] = everything & ~titles
    firms.words["tech_sme_number"] = [f"{c.as_of.year}65{number:012d}" for number in range(firms.count)]
    firms.existing("tech_sme_number", np.arange(firms.count), firms.tech_sme)


def draw_research(firms: Firms) -> None:
    """Research, intellectual property, scores and standing in the niche, so that every recognition holds.

    Firms marked for re-examination are the exception: one of their criteria is no longer met.
    """
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    rules = c.raw["rd"]
    chances = rules["has_rd"]
    likely = (
        firms.by_section(chances)
        * np.array([1.0, chances["small_factor"], chances["medium_factor"], chances["medium_factor"]])[firms.scale]
    )
    demanding = firms.high_tech | firms.specialised
    firms.has_rd = chance.happens(np.minimum(likely, 0.95), 0.6) & (firms.revenue > 0)
    firms.has_rd = np.where(firms.recognised, chance.happens(chances["recognised"]) | demanding, firms.has_rd)

    # The floors of the criteria: 3 % for specialised firms; 5, 4 or 3 % by revenue for high-tech ones.
    floor = np.where(firms.recognised, rules["ratio_to_revenue"]["recognised_floor"] + 0.001, 0.0)
    tier = np.select([firms.revenue <= 5000, firms.revenue <= 20_000], [0.055, 0.045], 0.035)
    floor = np.where(firms.high_tech, tier, floor)
    least = np.where(firms.little_giant, 620.0, np.where(firms.specialised, 105.0, 0.0))
    weak = firms.reexamination
    for fact, year in (
        ("rd_expense", "revenue"),
        ("rd_expense_prev", "revenue_prev"),
        ("rd_expense_prev2", "revenue_prev2"),
    ):
        turnover = values[year]
        ratio = np.minimum(np.maximum(chance.lognormal(0.035, 0.7), floor * chance.uniform(1.0, 1.3)), 0.5)
        # Years of lower revenue had another tier; the highest floor is safe for the ratio of three years together.
        ratio = np.where(firms.high_tech, np.maximum(ratio, 0.055), ratio)
        expense = np.maximum(turnover * ratio, np.where(turnover > 0, least, 0.0))
        if fact == "rd_expense":
            expense = np.where(weak, turnover * 0.01, expense)
        firms.amount(fact, expense, firms.has_rd & (turnover > 0), decimals=2)
        firms.settled[fact] = turnover == 0

    margin = 1.0 - np.clip(chance.uniform(0.0, 0.1), 0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(firms.revenue > 0, 100 * values["rd_expense"] / (firms.revenue * margin), 0.0)
    values["rd_cost_share"] = np.round(np.minimum(share, 100), 2)
    staff = additions["rd_staff_share"]
    values["rd_staff_share"] = np.round(
        np.where(
            firms.has_rd,
            np.maximum(chance.uniform(staff["low"], staff["high"]), np.where(firms.recognised, 12.0, 0)),
            0,
        ),
        2,
    )
    alpha, beta = (firms.by_section({k: v[i] for k, v in additions["bachelor_share_beta"].items()}) for i in (0, 1))
    values["bachelor_share"] = np.round(100 * chance.rng.beta(alpha, beta), 2)

    means = additions["class2_ip_mean"]
    first = np.select([firms.little_giant, firms.specialised, firms.innovative], [20.0, 8.0, 3.0], 0.02)
    second = np.select(
        [firms.little_giant, firms.specialised, firms.innovative, firms.has_rd],
        [means["little_giant"], means["specialised"], means["innovative"], means["with_rd"]],
        means["plain"],
    )
    least_ip = np.select([firms.little_giant, firms.specialised], [4, 1], 0)
    values["class1_ip"] = np.maximum(chance.rng.negative_binomial(1, 1 / (1 + first)), least_ip)
    values["class2_ip"] = np.maximum(
        chance.rng.negative_binomial(1, 1 / (1 + second)), np.where(firms.recognised, 1, 0)
    )

    _draw_scores(firms)
    years = np.floor(firms.age * chance.uniform(0.5, 1.0)).astype(int)
    values["niche_years"] = np.where(firms.specialised, np.maximum(years, 3), years)
    standing = np.where(
        firms.little_giant, chance.uniform(10.5, 30), np.where(firms.specialised, chance.uniform(2, 15), 0.0)
    )
    values["market_share"] = np.round(standing, 1)
    # A rank that does not exist is unknown, not 0: a rule reads a low number as a high rank.
    firms.existing("market_rank", chance.rng.integers(1, 4, firms.count), firms.little_giant)
    firms.existing("market_rank_global", np.zeros(firms.count, int), np.zeros(firms.count, bool))
    values["key_chain_confirmed"] = firms.little_giant
    values["hitech_revenue_share"] = np.round(
        np.where(firms.high_tech, chance.uniform(61, 100), np.where(firms.has_rd, chance.uniform(0, 80), 0.0)), 1
    )
    institution = additions["recognised_institution"]
    share = np.where(
        firms.little_giant, institution["little_giant"], np.where(firms.specialised, institution["specialised"], 0.0)
    )
    values["rd_institution"] = np.where(
        chance.happens(share), firms.member("rd_institution", "provincial"), firms.member("rd_institution", "none")
    )
    contracts = firms.has_rd & chance.happens(additions["tech_contract_share_of_rd"])
    values["tech_contract_types"] = np.where(contracts, firms.bit("tech_contract_types", "development"), 0)


def _draw_scores(firms: Firms) -> None:
    c, chance, values = firms.calibration, firms.chance, firms.values
    spread = c.additions["scores_with_rd"]

    def unrecognised(name: str) -> Floats:
        mean, deviation = spread[name]
        score = np.clip(mean + deviation * chance.correlated(0.5), 0, 90)
        return np.asarray(np.round(np.where(firms.has_rd, score, 0)), float)

    # A holder lies 0 to 25 points above the limit of its title; the three parts of the innovative score have limits too.
    extra = chance.uniform(10, 35)
    total = np.where(firms.innovative, 50 + np.round(extra), unrecognised("innovative"))
    innovation = np.round(np.where(firms.innovative, 20 + 0.4 * extra, 0.4 * total))
    growth = np.round(np.where(firms.innovative, 15 + 0.3 * extra, 0.3 * total))
    special = total - innovation - growth
    lost = firms.reexamination & firms.innovative
    values["innovative_score_innovation"] = np.where(lost, 10, innovation).astype(int)
    values["innovative_score_growth"] = growth.astype(int)
    values["innovative_score_special"] = special.astype(int)
    values["innovative_score"] = (
        values["innovative_score_innovation"] + values["innovative_score_growth"] + values["innovative_score_special"]
    )
    limit = np.where(firms.little_giant, 60, 50)
    quality = np.where(firms.specialised, limit + np.round(chance.uniform(0, 25)), unrecognised("quality"))
    values["quality_score"] = np.where(firms.reexamination & firms.specialised, limit - 8, quality).astype(int)
    technology = np.where(firms.tech_sme, 60 + np.round(chance.uniform(0, 25)), unrecognised("tech_sme"))
    values["tech_sme_score"] = np.where(firms.reexamination & firms.tech_sme, 50, technology).astype(int)
    staff = np.where(firms.tech_sme, chance.rng.integers(8, 21, firms.count), np.round(values["rd_staff_share"] / 2))
    values["tech_sme_staff_score"] = staff.astype(int)
    high = np.where(firms.high_tech, 71 + np.round(chance.uniform(0, 25)), unrecognised("hte"))
    values["hte_score"] = np.where(firms.reexamination & firms.high_tech, 65, high).astype(int)
