"""The fact store: the dictionary's columns, unknown against known none, and who may overrule whom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from hypothesis import given
from hypothesis import strategies as st
from registry_world import TODAY, certified, declared

from huiqi.registry.models import EnterpriseFacts, Organisation, Statement
from huiqi.registry.models.facts import COLUMNS, OF_THE_ORGANISATION, json_value, stored_value, typed_value
from huiqi.rules.dictionary import Fact, dictionary
from huiqi.rules.values import ValueProblem, read_value

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)

FIELDS = {
    "boolean": models.BooleanField,
    "integer": models.BigIntegerField,
    "decimal": models.DecimalField,
    "date": models.DateField,
    "text": models.CharField,
    "enum": models.CharField,
}


def fresh(facts: EnterpriseFacts) -> EnterpriseFacts:
    return EnterpriseFacts.objects.get(pk=facts.pk)


# --- the columns ------------------------------------------------------------------------------------------------------


def test_every_stored_fact_of_the_dictionary_has_one_column_and_there_is_no_other() -> None:
    own = {"organisation", "provenance", "claims", "updated_at"}
    columns = {field.name for field in EnterpriseFacts._meta.concrete_fields} - own
    assert columns | OF_THE_ORGANISATION == {fact.name for fact in dictionary().stored}
    assert not columns & OF_THE_ORGANISATION


def test_every_column_has_the_type_of_its_fact_and_may_be_unknown() -> None:
    for name, fact in COLUMNS.items():
        field = EnterpriseFacts._meta.get_field(name)
        assert field.null, name
        if fact.type == "set":
            assert isinstance(field.base_field, models.CharField), name
        else:
            assert isinstance(field, FIELDS[fact.type]), name
        if fact.type == "decimal":
            assert (field.max_digits, field.decimal_places) == (18, 4)


def test_the_migrations_make_exactly_these_models() -> None:
    out = StringIO()
    call_command("makemigrations", "registry", "--check", "--dry-run", stdout=out)
    assert "No changes" in out.getvalue()


@pytest.mark.parametrize(("column", "value"), [("size_class", "'huge'"), ("titles", "array['hte','king']")])
def test_the_database_holds_listed_members_only(facts: EnterpriseFacts, column: str, value: str) -> None:
    with (
        pytest.raises(IntegrityError, match=f"{column}_has_listed_members_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"update registry_enterprisefacts set {column} = {value}")


# --- unknown and known none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "none"),
    [
        ("tax_arrears", False),
        ("employees", 0),
        ("revenue", Decimal(0)),
        ("titles", frozenset()),
        ("listing_stage", "none"),
    ],
)
def test_unknown_and_known_none_are_two_things(facts: EnterpriseFacts, name: str, none: Any) -> None:
    assert facts.state_of(name) == "unknown"
    assert name not in facts.values()
    facts.record({name: none}, declared())
    stored = fresh(facts)
    assert stored.state_of(name) == "none"
    assert stored.values()[name] == none
    assert type(stored.values()[name]) is type(none)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "unknown"),
        ({"titles_not_held": ["tech_sme"]}, "unknown"),
        ({"titles_not_held": ["hte"]}, "none"),
        ({"titles": []}, "none"),
        ({"titles": ["tech_sme"]}, "none"),
        ({"titles": ["hte"]}, "unknown"),
        ({"titles": ["hte"], "hte_valid_to": TODAY}, "some"),
    ],
)
def test_the_end_of_a_title_that_is_not_held_is_known_from_the_titles(
    facts: EnterpriseFacts, values: dict[str, Any], state: str
) -> None:
    facts.record(values, certified())
    assert fresh(facts).state_of("hte_valid_to") == state


def test_every_fact_that_can_be_none_has_a_value_for_it(facts: EnterpriseFacts) -> None:
    for name, fact in COLUMNS.items():
        if fact.known_none is None or fact.known_none.startswith("member of"):
            continue
        none = {"false": False, "0": 0, "[]": [], "none": "none"}[fact.known_none]
        facts.record({name: none}, declared())
        assert facts.state_of(name) == "none", name


def test_a_blank_value_says_nothing_and_leaves_what_is_known(facts: EnterpriseFacts) -> None:
    facts.record({"employees": 12}, declared())
    outcome = facts.record({"employees": "", "revenue": None}, declared())
    assert not outcome.changed
    assert fresh(facts).values()["employees"] == 12


# --- what is taken over -----------------------------------------------------------------------------------------------


def test_values_come_back_in_the_types_in_which_they_are_read(facts: EnterpriseFacts) -> None:
    given_values = {
        "is_bingtuan": True,
        "employees": 12,
        "revenue": Decimal("86.5"),
        "established_date": dt.date(2020, 5, 1),
        "industry_code": "0111",
        "legal_form": "company",
        "titles": frozenset({"hte", "tech_sme"}),
    }
    facts.record(given_values, declared())
    assert fresh(facts).values() == given_values | {"uscc": facts.organisation.uscc}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"employes": 5}, "no fact named"),
        ({"employees": "many"}, "whole number"),
        ({"legal_form": "kingdom"}, "no option"),
        ({"age_years": 5}, "computed"),
        ({"uscc": "91659909YL004711XG"}, "not changed this way"),
    ],
)
def test_an_unknown_name_or_a_wrong_type_is_refused_and_nothing_is_recorded(
    facts: EnterpriseFacts, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueProblem) as problem:
        facts.record({"revenue": 5} | values, declared())
    assert reason in problem.value.what.en
    assert problem.value.remedy.zh
    assert "revenue" not in fresh(facts).values()
    assert not Statement.objects.exists()


def test_a_mistyped_name_gets_a_suggestion(facts: EnterpriseFacts) -> None:
    with pytest.raises(ValueProblem) as problem:
        facts.record({"employes": 5}, declared())
    assert "employees" in problem.value.remedy.en


def test_chinese_aliases_may_be_used(facts: EnterpriseFacts) -> None:
    facts.record({"营业收入": "1,200", "规模": "小型"}, declared())
    assert facts.values()["revenue"] == 1200
    assert facts.values()["size_class"] == "small"


def test_the_place_of_registration_moves_the_enterprise(facts: EnterpriseFacts) -> None:
    facts.record({"registration_region": "650102"}, certified())
    assert Organisation.objects.get(pk=facts.pk).region_id == "650102"
    facts.record({"registration_region": "110105"}, certified())
    assert Organisation.objects.get(pk=facts.pk).region_id is None


def test_each_value_knows_its_statement(facts: EnterpriseFacts) -> None:
    first, second = declared(), certified(evidence="税务字〔2026〕1号")
    facts.record({"employees": 12, "revenue": 80}, first)
    facts.record({"revenue": 86}, second)
    assert facts.source_of("employees") == first
    assert facts.source_of("revenue") == second
    assert facts.source_of("total_assets") is None


def test_a_value_whose_statement_has_ended_is_no_longer_known(facts: EnterpriseFacts) -> None:
    facts.record({"quality_score": 70}, certified(made_on=YESTERDAY, valid_until=TODAY))
    facts.record({"employees": 12}, declared())
    assert facts.values(TODAY)["quality_score"] == 70
    assert "quality_score" not in facts.values(TOMORROW)
    assert facts.values(TOMORROW)["employees"] == 12
    assert facts.values()["quality_score"] == 70


# --- who may overrule whom --------------------------------------------------------------------------------------------


def test_what_is_declared_does_not_replace_what_is_certified(facts: EnterpriseFacts) -> None:
    authority, owner = certified(), declared()
    facts.record({"revenue": 80}, authority)
    outcome = facts.record({"revenue": 95, "employees": 12}, owner)
    assert outcome.kept_as_claim == {"revenue"}
    assert outcome.changed == {"employees"}
    stored = fresh(facts)
    assert stored.values()["revenue"] == 80
    assert stored.source_of("revenue") == authority
    assert stored.claims == {"revenue": {"value": "95.0000", "statement": owner.pk}}


def test_a_claim_is_settled_when_the_enterprise_agrees_after_all(facts: EnterpriseFacts) -> None:
    facts.record({"revenue": 80}, certified())
    facts.record({"revenue": 95}, declared())
    facts.record({"revenue": 80}, declared())
    assert fresh(facts).claims == {}


def test_a_claim_is_settled_when_the_authority_agrees_after_all(facts: EnterpriseFacts) -> None:
    facts.record({"revenue": 80}, certified())
    facts.record({"revenue": 95}, declared())
    facts.record({"revenue": 95}, certified())
    stored = fresh(facts)
    assert stored.claims == {}
    assert stored.values()["revenue"] == 95


def test_what_is_certified_replaces_what_was_declared_and_keeps_it_as_a_claim(facts: EnterpriseFacts) -> None:
    owner = declared()
    facts.record({"revenue": 95}, owner)
    facts.record({"revenue": 80}, certified())
    stored = fresh(facts)
    assert stored.values()["revenue"] == 80
    assert stored.claims["revenue"] == {"value": "95.0000", "statement": owner.pk}


def test_a_certificate_that_has_ended_gives_way(facts: EnterpriseFacts) -> None:
    facts.record({"revenue": 80}, certified(made_on=YESTERDAY, valid_until=YESTERDAY))
    facts.record({"revenue": 95}, declared())
    assert fresh(facts).values()["revenue"] == 95
    assert fresh(facts).claims == {}


def test_what_is_derived_replaces_nothing_that_somebody_said(facts: EnterpriseFacts) -> None:
    facts.record({"employees": 12}, declared())
    facts.record({"employees": 13, "insured_staff": 9}, Statement(source="derived", made_on=TODAY))
    assert fresh(facts).values()["employees"] == 12
    assert fresh(facts).claims == {}
    assert fresh(facts).values()["insured_staff"] == 9


def test_two_that_record_at_once_both_keep_their_provenance(facts: EnterpriseFacts) -> None:
    one, other = fresh(facts), fresh(facts)
    one.record({"employees": 12}, declared())
    other.record({"revenue": 80}, declared())
    assert set(fresh(facts).provenance) == {"employees", "revenue"}
    assert fresh(facts).values()["employees"] == 12


# --- statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_statement_has_a_known_source", {"source": "rumour"}),
        ("a_certified_statement_names_its_certifier", {"source": "certified"}),
        ("holds_at_least_on_the_day_it_is_made", {"source": "declared", "valid_until": YESTERDAY}),
    ],
)
def test_the_database_refuses_a_statement(db: None, constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Statement.objects.create(made_on=TODAY, **fields)


# --- round trips ------------------------------------------------------------------------------------------------------


def any_value(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.type:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(-(10**14) + 1, 10**14 - 1)
        case "decimal":
            return st.decimals(-(10**14) + 1, 10**14 - 1, places=4)
        case "date":
            return st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
        case "enum":
            return st.sampled_from(sorted(fact.codes))
        case "set" if fact.members:
            return st.frozensets(st.sampled_from(sorted(fact.codes)))
        case "set":
            return st.frozensets(st.from_regex("[0-9]{4}", fullmatch=True), max_size=5)
    return st.from_regex("[0-9]{6}" if "region" in fact.name else "[0-9]{4}", fullmatch=True)


some_fact_and_value = st.sampled_from(sorted(COLUMNS)).flatmap(
    lambda name: st.tuples(st.just(COLUMNS[name]), any_value(COLUMNS[name]))
)


@given(some_fact_and_value)
def test_a_value_survives_its_column_and_its_json(pair: tuple[Fact, Any]) -> None:
    fact, value = pair
    stored = stored_value(fact, value)
    assert typed_value(fact, stored) == value
    assert stored_value(fact, read_value(fact, json_value(fact, stored))) == stored
