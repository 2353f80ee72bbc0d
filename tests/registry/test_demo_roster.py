"""The demonstration roster keeps its calibration, names no real firm and no person, and never contradicts itself."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huiqi.registry.credit_code import CreditCodeProblem, check, is_known_region, make_fictitious
from huiqi.registry.demo import PROVENANCE, draw, write_parquet
from huiqi.registry.demo.calibration import calibration, matches
from huiqi.registry.demo.chance import normal_quantile
from huiqi.registry.demo.draw import CHUNK, scope_of_missing
from huiqi.registry.demo.names import credit_codes, spread_over_ordinals
from huiqi.registry.size import CLASSES, classify, classify_columns
from huiqi.rules.dictionary import dictionary
from huiqi.rules.values import read_value

FIRMS = 20_000
CALIBRATION = calibration()
ON = CALIBRATION.as_of


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    return draw(FIRMS, truth=True)


@pytest.fixture(scope="module")
def known(tables: tuple[pa.Table, pa.Table]) -> pa.Table:
    return tables[0]


@pytest.fixture(scope="module")
def truth(tables: tuple[pa.Table, pa.Table]) -> pa.Table:
    return tables[1]


def numbers(table: pa.Table, name: str) -> np.ndarray:
    return table[name].cast(pa.float64()).to_numpy()


def flags(table: pa.Table, name: str) -> np.ndarray:
    return table[name].to_numpy(zero_copy_only=False)


def texts(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table[name].to_pylist(), object)


def section_of(table: pa.Table) -> np.ndarray:
    by_class = {
        code: CALIBRATION.sections[s] for code, s in zip(CALIBRATION.classes, CALIBRATION.section_of_class, strict=True)
    }
    return np.array([by_class[code] for code in table["industry_code"].to_pylist()])


def holders(table: pa.Table, title: str) -> np.ndarray:
    """Firms that hold a title and are not marked for re-examination."""
    holds = np.array([title in titles for titles in table["titles"].to_pylist()])
    return holds & ~flags(table, "reexamination")


def test_the_columns_are_the_stored_facts_of_the_dictionary(known: pa.Table) -> None:
    facts = [fact.name for fact in dictionary().stored if fact.name != "uscc"]
    assert known.column_names == ["uscc", "name", *facts, *(field.name for field in PROVENANCE)]
    assert known.num_rows == FIRMS


def test_every_value_is_one_that_its_fact_can_have(known: pa.Table) -> None:
    for row in known.slice(0, 300).to_pylist():
        for fact in dictionary().stored:
            value = row[fact.name]
            assert value is None or read_value(fact, value) is not None, (fact.name, value)


def test_sections_have_their_shares(truth: pa.Table) -> None:
    sections = section_of(truth)
    weights = CALIBRATION.joint.sum(axis=1)
    for section, weight in zip(CALIBRATION.sections, weights, strict=True):
        assert abs((sections == section).mean() - weight) < 0.005


def test_prefectures_have_their_shares(truth: pa.Table) -> None:
    by_county = dict(zip(CALIBRATION.counties, CALIBRATION.prefecture_of_county.tolist(), strict=True))
    found = Counter(by_county[code] for code in truth["registration_region"].to_pylist())
    for index, weight in enumerate(CALIBRATION.joint.sum(axis=0)):
        assert abs(found[index] / FIRMS - weight) < 0.01


def test_raking_meets_both_margins() -> None:
    weights = np.array([CALIBRATION.raw["industries"]["sections"][s]["weight"] for s in CALIBRATION.sections])
    assert np.allclose(CALIBRATION.joint.sum(axis=1), weights / weights.sum(), atol=1e-6)
    assert np.isclose(CALIBRATION.joint.sum(), 1)


def test_size_classes_come_out_as_calibrated(truth: pa.Table) -> None:
    """Firms outside the standard count in the group to which the calibration refers them, for this check only."""
    codes = texts(truth, "industry_code")
    outside = np.array([s in "JP" for s in section_of(truth)]) | np.array([matches("704,84", code) for code in codes])
    codes[outside] = "7030"
    sizes = classify_columns(
        codes.tolist(), *(numbers(truth, n) for n in ("employees", "revenue", "total_assets")), ON
    ).size_class
    target = CALIBRATION.raw["size_classes"]["model_reproduces"]["enterprises"]
    tolerance = {"micro": 0.01, "small": 0.01, "medium": 0.003, "large": 0.001}
    for name in tolerance:
        assert abs((sizes == CLASSES.index(name)).mean() - target[name]) < tolerance[name], name


def test_size_is_computed_and_never_drawn(known: pa.Table, truth: pa.Table) -> None:
    for table in (known, truth):
        for row in (
            table.slice(0, 2000)
            .select(
                [
                    "industry_code",
                    "employees",
                    "revenue",
                    "total_assets",
                    "size_class",
                    "size_class_best",
                    "size_class_worst",
                ]
            )
            .to_pylist()
        ):
            result = classify(row["industry_code"], row["employees"], row["revenue"], row["total_assets"], ON)
            assert (row["size_class"], row["size_class_best"], row["size_class_worst"]) == (
                result.size_class,
                result.best,
                result.worst,
            )
    assert known["size_class"].null_count > truth["size_class"].null_count


def test_employees_and_revenue_have_their_shape(truth: pa.Table) -> None:
    staff, revenue = numbers(truth, "employees"), numbers(truth, "revenue")
    assert 8.5 < staff.mean() < 12.5
    low, middle, high, top = np.percentile(staff, [25, 50, 75, 90])
    assert (low, high) == (2, 7) and middle in (3, 4) and 12 <= top <= 14
    active = revenue > 0
    assert 0.55 < np.corrcoef(np.log(staff[active]), np.log(revenue[active]))[0, 1] < 0.65
    assert abs(1 - active.mean() - 0.144) < 0.01


def test_fifteen_percent_of_the_values_are_missing(known: pa.Table, truth: pa.Table) -> None:
    scope = scope_of_missing(CALIBRATION)
    missing = np.mean([known[name].null_count - truth[name].null_count for name in scope]) / FIRMS
    assert abs(missing - 0.15) < 0.01


def test_the_weak_are_missing_more_than_the_strong(known: pa.Table, truth: pa.Table) -> None:
    blank = np.mean(
        [
            flags(known.select([n]).set_column(0, n, pc.is_null(known[n])), n)
            for n in ("debt_ratio", "niche_years", "insured_staff")
        ],
        axis=0,
    )
    size = texts(truth, "size_class")
    assert blank[size == "micro"].mean() > blank[(size == "medium") | (size == "large")].mean() + 0.05


def test_what_is_known_is_the_truth(known: pa.Table, truth: pa.Table) -> None:
    for name in (
        "revenue",
        "titles",
        "established_date",
        "loan_purposes",
        "vat_type",
        "tech_sme_number",
        "operating_region",
    ):
        for seen, whole in zip(known[name].to_pylist(), truth[name].to_pylist(), strict=True):
            assert seen is None or seen == whole


def test_findings_of_departments_are_mostly_unknown(known: pa.Table) -> None:
    assert 0.5 < known["tax_hardship_confirmed"].null_count / FIRMS < 0.85


def test_recognitions_meet_the_published_numbers(truth: pa.Table) -> None:
    titles = Counter(title for held in truth["titles"].to_pylist() for title in held)
    published = CALIBRATION.raw["recognitions"]
    for title, name in (
        ("innovative_sme", "innovative_sme"),
        ("specialized_sme", "specialised_sme"),
        ("little_giant", "little_giant"),
        ("hte", "high_tech"),
    ):
        assert abs(titles[title] - published[name]["value"] * FIRMS / CALIBRATION.enterprises) < 3, title


def test_titles_are_nested_and_dated(truth: pa.Table) -> None:
    titles = truth["titles"].to_pylist()
    for held in titles:
        assert "little_giant" not in held or "specialized_sme" in held
        assert "specialized_sme" not in held or "innovative_sme" in held
    for title in ("hte", "tech_sme", "innovative_sme", "specialized_sme", "little_giant"):
        for held, day in zip(titles, truth[f"{title}_valid_to"].to_pylist(), strict=True):
            assert (day is not None) == (title in held)
            assert day is None or day > ON


def test_recognised_firms_have_a_clean_record(truth: pa.Table) -> None:
    recognised = holders(truth, "innovative_sme") | holders(truth, "hte")
    assert recognised.any()
    for name in ("abnormal_listed", "serious_dishonesty", "major_incident_3y", "restricted_industry", "tax_arrears"):
        assert not flags(truth, name)[recognised].any()
    assert set(texts(truth, "registration_status")[recognised]) == {"active"}
    assert set(texts(truth, "legal_form")[recognised]) == {"company"}


def test_innovative_firms_meet_the_criteria_of_the_title(truth: pa.Table) -> None:
    firms = holders(truth, "innovative_sme")
    assert set(texts(truth, "size_class")[firms]) <= {"micro", "small", "medium"}
    for name, least in (
        ("innovative_score", 60),
        ("innovative_score_innovation", 20),
        ("innovative_score_growth", 15),
        ("innovative_score_special", 15),
    ):
        assert (numbers(truth, name)[firms] >= least).all(), name


@pytest.mark.parametrize("title", ["specialized_sme", "little_giant"])
def test_specialised_firms_and_little_giants_meet_the_criteria_of_their_title(truth: pa.Table, title: str) -> None:
    giant = title == "little_giant"
    firms = holders(truth, title)
    assert firms.any()
    revenue, earlier = numbers(truth, "revenue")[firms], numbers(truth, "revenue_prev")[firms]
    expense, expense_before = numbers(truth, "rd_expense")[firms], numbers(truth, "rd_expense_prev")[firms]
    assert (revenue >= (5000 if giant else 1500)).all()
    assert (100 * expense >= 3 * revenue).all() and (100 * expense_before >= 3 * earlier).all()
    assert (expense >= 100).all() and (expense_before >= 100).all()
    for name, least in (
        ("niche_years", 3), ("main_business_share", 90 if giant else 80), ("class1_ip", 4 if giant else 1), ("quality_score", 60 if giant else 50),
    ):  # fmt: skip
        assert (numbers(truth, name)[firms] >= least).all(), name
    assert (numbers(truth, "debt_ratio")[firms] <= 75).all()
    founded = np.array(truth["established_date"].to_pylist())[firms]
    assert all((CALIBRATION.reference_date - day).days >= 3 * 365 for day in founded)
    if giant:
        assert (numbers(truth, "revenue_cagr_2y")[firms] >= 5).all()
        assert (expense + expense_before >= 1200).all()
        assert (numbers(truth, "market_share")[firms] >= 10).all()
        assert (
            flags(truth, "key_chain_confirmed")[firms].all() and not flags(truth, "little_giant_excluded")[firms].any()
        )


def test_high_tech_firms_meet_the_criteria_of_the_title(truth: pa.Table) -> None:
    firms = holders(truth, "hte")
    revenue = numbers(truth, "revenue")[firms]
    years = np.sum([numbers(truth, f"revenue{suffix}")[firms] for suffix in ("", "_prev", "_prev2")], axis=0)
    expense = np.sum([numbers(truth, f"rd_expense{suffix}")[firms] for suffix in ("", "_prev", "_prev2")], axis=0)
    floor = np.select([revenue <= 5000, revenue <= 20_000], [5, 4], 3)
    assert (100 * expense >= floor * years).all()
    assert (numbers(truth, "class1_ip")[firms] + numbers(truth, "class2_ip")[firms] >= 1).all()
    assert (numbers(truth, "rd_staff_share")[firms] >= 10).all()
    assert (numbers(truth, "hitech_revenue_share")[firms] >= 60).all()
    assert (numbers(truth, "hte_score")[firms] > 70).all()


def test_technology_firms_meet_the_criteria_of_the_title(truth: pa.Table) -> None:
    firms = holders(truth, "tech_sme")
    assert (numbers(truth, "employees")[firms] <= 500).all()
    assert (numbers(truth, "revenue")[firms] <= 20_000).all() and (
        numbers(truth, "total_assets")[firms] <= 20_000
    ).all()
    assert (numbers(truth, "tech_sme_score")[firms] >= 60).all() and (
        numbers(truth, "tech_sme_staff_score")[firms] > 0
    ).all()
    assert set(texts(truth, "collection_method")[firms]) == {"audit"}
    assert all(number.startswith(str(ON.year)) for number in texts(truth, "tech_sme_number")[firms])


def test_facts_agree_with_each_other(truth: pa.Table) -> None:
    purposes = truth["loan_purposes"].to_pylist()
    assert all(
        (principal > 0) == bool(own) for principal, own in zip(numbers(truth, "loan_principal"), purposes, strict=True)
    )
    for purpose, prefix in (("working_capital", "working_capital"), ("equipment_renewal", "equipment")):
        days = truth[f"{prefix}_loan_date"].to_pylist()
        assert all((day is not None) == (purpose in own) for day, own in zip(days, purposes, strict=True))
        assert all(day is None or day < ON for day in days)
    for debtors, late in zip(
        truth["receivable_debtors"].to_pylist(), truth["overdue_debtors"].to_pylist(), strict=True
    ):
        assert set(late) <= set(debtors)
    late = np.array([bool(own) for own in truth["overdue_debtors"].to_pylist()])
    assert ((numbers(truth, "overdue_amount") > 0) == late).all()
    founded = np.array(truth["established_date"].to_pylist())
    assert (founded <= CALIBRATION.reference_date).all()
    new = founded > dt.date(CALIBRATION.reference_date.year - 1, 12, 31)
    assert (numbers(truth, "revenue_prev")[new] == 0).all()
    assert (numbers(truth, "insured_staff") <= numbers(truth, "employees")).all()
    assert not (flags(truth, "major_incident_2y") & ~flags(truth, "major_incident_3y")).any()
    young = founded > dt.date(CALIBRATION.reference_date.year - 3, 12, 31)
    assert "A" not in set(texts(truth, "tax_credit_grade")[young])
    assert all(is_known_region(code) for code in set(truth["registration_region"].to_pylist()))


def test_trade_meets_the_published_share(truth: pa.Table) -> None:
    exports = (numbers(truth, "export_value") > 0).mean()
    assert abs(exports - 0.0130 * CALIBRATION.additions["exports_given_trade"]) < 0.003


def test_every_credit_code_is_valid_fictitious_and_unique(known: pa.Table) -> None:
    codes = known["uscc"].to_pylist()
    pattern = re.compile(CALIBRATION.raw["credit_codes"]["regex"])
    for code in codes:
        assert pattern.match(code)
        assert check(code, allow_fictitious=True) == code
    with pytest.raises(CreditCodeProblem):
        check(codes[0])
    assert len(set(codes)) == FIRMS


def test_every_name_carries_the_mark_and_is_unique(known: pa.Table) -> None:
    names = known["name"].to_pylist()
    assert len(set(names)) == FIRMS
    assert all(re.search(r"（样例\d*）$", name) for name in names)
    # No firm carries the name of a people, though some of its counties do.
    assert not any(
        word in name
        for name in names
        for word in ("族", "自治", "哈萨克", "蒙古", "回族", "锡伯", "柯尔克孜", "塔吉克", "兵团")
    )


def test_no_column_holds_a_person(known: pa.Table) -> None:
    assert not [
        name
        for name in known.column_names
        if re.search("person|phone|email|ethnic|religio|representative|address", name)
    ]


def test_one_seed_gives_the_same_bytes_and_another_seed_another_roster(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_parquet(tmp_path / name, 3000, seed)
    first, second, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == second != other
    assert pq.read_table(tmp_path / "a").equals(draw(3000, 1))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c"]


def test_names_and_codes_stay_unique_across_chunks(tmp_path: Path) -> None:
    write_parquet(tmp_path / "roster.parquet", CHUNK + 2000)
    file = pq.ParquetFile(tmp_path / "roster.parquet")
    assert file.num_row_groups == 2
    table = file.read(["uscc", "name"])
    assert pc.count_distinct(table["uscc"]).as_py() == pc.count_distinct(table["name"]).as_py() == CHUNK + 2000


@pytest.mark.parametrize("firms", [0, 1, 7, 100])
def test_small_rosters_can_be_drawn(firms: int) -> None:
    assert draw(firms).num_rows == firms


def test_a_prefecture_with_more_than_a_million_firms_goes_on_under_a_spare_ordinal() -> None:
    spread = spread_over_ordinals(np.array([1, 2, 3]), np.array([2_500_000, 7, 1_000_000]))
    assert [own.tolist() for own in spread] == [[1, 70, 71], [2], [3, 72]]
    codes = credit_codes(np.array([1, 1]), np.array([1, 70]), np.array([0, 999_999])).to_pylist()
    assert codes == [make_fictitious("1", "01", 0), make_fictitious("1", "70", 999_999)]
    with pytest.raises(ValueError):
        spread_over_ordinals(np.array([1]), np.array([40_000_000]))


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError):
        draw(-1)


def test_the_normal_quantile_is_right() -> None:
    found = normal_quantile(np.array([0.5, 0.975, 0.025, 0.001, 0.999999]))
    assert np.allclose(found, [0, 1.959963985, -1.959963985, -3.090232306, 4.753424309], atol=1e-8)
