"""Organisations: what the database does not let in, and who sees whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from registry_world import TODAY, demo_code

from huiqi.registry.models import EnterpriseFacts, Organisation, SizeSnapshot
from huiqi.registry.names import pinyin_key
from huiqi.registry.permissions import PUBLIC, Actor, may_read_fact
from huiqi.registry.vocabulary import ORGAN_FUNCTIONS, certifying_functions
from huiqi.rules.dictionary import dictionary

pytestmark = pytest.mark.django_db

Make = Callable[..., Organisation]


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("an_organisation_has_a_known_kind", {"kind": "shop", "uscc": demo_code(1)}),
        ("an_organisation_has_a_name", {"kind": "enterprise", "uscc": demo_code(1), "name_zh": ""}),
        ("a_credit_code_has_18_characters_of_its_alphabet", {"kind": "enterprise", "uscc": "91659901YL0000O122"}),
        ("only_an_organ_may_be_without_a_credit_code", {"kind": "bank", "uscc": None}),
        ("organs_and_only_organs_have_a_function", {"kind": "organ", "region_id": "650000"}),
        (
            "organs_and_only_organs_have_a_function",
            {"kind": "enterprise", "uscc": demo_code(1), "organ_function": "tax"},
        ),
        (
            "organs_and_only_organs_have_a_function",
            {"kind": "organ", "region_id": "650000", "organ_function": "magic"},
        ),
        ("an_organ_serves_a_region", {"kind": "organ", "organ_function": "tax"}),
        ("only_an_organ_is_an_organ_of_the_corps", {"kind": "bank", "uscc": demo_code(1), "is_bingtuan": True}),
        (
            "an_organisation_does_not_end_before_it_begins",
            {
                "kind": "enterprise",
                "uscc": demo_code(1),
                "active_from": dt.date(2026, 2, 1),
                "active_to": dt.date(2026, 1, 31),
            },
        ),
    ],
)
def test_the_database_refuses(reference: None, constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Organisation.objects.create(**({"name_zh": "样例"} | fields))


def test_a_credit_code_belongs_to_one_organisation(enterprise: Make) -> None:
    first = enterprise()
    with pytest.raises(IntegrityError), transaction.atomic():
        enterprise(uscc=first.uscc)


def test_several_organs_may_be_without_a_credit_code(organ: Make) -> None:
    assert organ(uscc="").uscc is None
    assert organ(function="tax").uscc is None


def test_only_organs_have_superior_organs_and_none_is_its_own(organ: Make, enterprise: Make) -> None:
    corps, division = organ(is_bingtuan=True), organ("659001", is_bingtuan=True)
    division.superior = corps
    division.save()
    assert division.superior_organs() == [corps]
    with pytest.raises(IntegrityError, match="only_an_organ_has_a_superior"), transaction.atomic():
        enterprise(superior=corps)
    with pytest.raises(IntegrityError, match="is_not_its_own_superior"), transaction.atomic():
        Organisation.objects.filter(pk=corps.pk).update(superior=corps.pk)


def test_chinese_names_sort_by_their_sound(enterprise: Make) -> None:
    for name in ("喀什纺织", "阿克苏果业", "乌鲁木齐机械", "昌吉农机"):
        enterprise(name_zh=name)
    names = Organisation.objects.enterprises().values_list("name_zh", flat=True)
    assert list(names) == ["阿克苏果业", "昌吉农机", "喀什纺织", "乌鲁木齐机械"]


def test_an_organisation_is_active_on_its_first_and_on_its_last_day(enterprise: Make) -> None:
    firm = enterprise(active_from=dt.date(2026, 1, 1), active_to=dt.date(2026, 6, 30))
    for day, active in (
        (dt.date(2025, 12, 31), False),
        (dt.date(2026, 1, 1), True),
        (dt.date(2026, 6, 30), True),
        (dt.date(2026, 7, 1), False),
    ):
        assert firm.active_on(day) is active
        assert Organisation.objects.active_on(day).filter(pk=firm.pk).exists() is active


# --- who sees whom ----------------------------------------------------------------------------------------------------


def enterprises_seen_by(actor: Actor) -> set[Organisation]:
    return set(Organisation.objects.visible_to(actor).enterprises())


def test_the_public_sees_organs_and_banks_but_no_enterprise(enterprise: Make, organ: Make) -> None:
    enterprise()
    bank, bureau = Organisation.objects.create(kind="bank", name_zh="样例银行", uscc=demo_code(999_999)), organ()
    assert set(Organisation.objects.visible_to(PUBLIC)) == {bureau, bank}


def test_the_owner_and_the_agent_see_their_own_firm_and_no_other(enterprise: Make, actor: Callable[..., Actor]) -> None:
    own, other = enterprise(), enterprise()
    for role in ("owner", "agent"):
        assert enterprises_seen_by(actor(own, role)) == {own}
    assert other not in enterprises_seen_by(actor(own, "owner"))


def test_an_organ_sees_the_enterprises_of_its_region_and_below(
    enterprise: Make, organ: Make, actor: Callable[..., Actor]
) -> None:
    kashgar, yarkant, tacheng, corps = map(enterprise, ("653101", "653125", "654201", "659001"))
    assert enterprises_seen_by(actor(organ("650000"))) == {kashgar, yarkant, tacheng, corps}
    assert enterprises_seen_by(actor(organ("653100"))) == {kashgar, yarkant}
    assert enterprises_seen_by(actor(organ("653125"))) == {yarkant}
    assert enterprises_seen_by(actor(organ("654000"))) == set()
    assert enterprises_seen_by(actor(organ("659001"))) == {corps}


def test_an_enterprise_without_a_region_is_seen_by_no_organ(
    enterprise: Make, organ: Make, actor: Callable[..., Actor]
) -> None:
    enterprise(region=None)
    assert enterprises_seen_by(actor(organ("650000"))) == set()


def test_an_organ_of_the_corps_sees_the_enterprises_of_the_corps_only(
    enterprise: Make, organ: Make, actor: Callable[..., Actor]
) -> None:
    of_the_corps, regional, unknown = enterprise("659001"), enterprise("659001"), enterprise("659001")
    EnterpriseFacts.objects.create(organisation=of_the_corps, is_bingtuan=True)
    EnterpriseFacts.objects.create(organisation=regional, is_bingtuan=False)
    EnterpriseFacts.objects.create(organisation=unknown)
    bureau = actor(organ("650000", is_bingtuan=True))
    assert enterprises_seen_by(bureau) == {of_the_corps}
    assert [row.organisation for row in EnterpriseFacts.objects.visible_to(bureau)] == [of_the_corps]


def test_an_administrator_of_an_organ_sees_no_enterprise(
    enterprise: Make, organ: Make, actor: Callable[..., Actor]
) -> None:
    enterprise()
    assert enterprises_seen_by(actor(organ(), "administrator")) == set()


def test_a_bank_sees_no_enterprise_without_a_consent(enterprise: Make, actor: Callable[..., Actor]) -> None:
    EnterpriseFacts.objects.create(organisation=enterprise())
    bank = Organisation.objects.create(kind="bank", name_zh="样例银行", uscc=demo_code(999_999), region_id="650000")
    clerk = actor(bank, "clerk")
    assert enterprises_seen_by(clerk) == set()
    assert not EnterpriseFacts.objects.visible_to(clerk).exists()


def test_facts_are_read_by_the_firm_and_by_certifying_organs_of_its_region(
    enterprise: Make, organ: Make, actor: Callable[..., Actor], person: Callable[..., Any]
) -> None:
    kashgar, urumqi = enterprise("653101"), enterprise("650102")
    for firm in (kashgar, urumqi):
        EnterpriseFacts.objects.create(organisation=firm)
    snapshot = SizeSnapshot.objects.create(
        organisation=kashgar, on=TODAY, status="not_covered", indicators={}, purpose="样例"
    )

    def seen(somebody: Actor) -> list[Organisation]:
        rows = [row.organisation for row in EnterpriseFacts.objects.visible_to(somebody)]
        snapshots = SizeSnapshot.objects.visible_to(somebody)
        assert (snapshot in snapshots) == (kashgar in rows)
        return rows

    assert seen(actor(kashgar, "owner")) == [kashgar]
    assert seen(actor(organ("653100", "tax"))) == [kashgar]
    assert seen(actor(organ("650100", "tax"))) == [urumqi]
    assert seen(actor(organ("653100", "letters_and_visits"))) == []
    assert seen(actor(organ("653100", "tax"), "administrator")) == []
    assert seen(Actor(person(is_superuser=True))) == []
    assert seen(PUBLIC) == []


def test_sensitive_facts_are_read_by_the_firm_and_by_the_organ_that_certifies_them(
    enterprise: Make, organ: Make, actor: Callable[..., Actor]
) -> None:
    sensitive = [fact for fact in dictionary().stored if fact.sensitivity == "sensitive"]
    assert sensitive
    owner, tax, disabled = (
        actor(enterprise(), "owner"),
        actor(organ(function="tax")),
        actor(organ(function="disabled_persons")),
    )
    assert all(may_read_fact(owner, fact) for fact in sensitive)
    assert may_read_fact(tax, dictionary()["revenue"])
    assert may_read_fact(disabled, dictionary()["disabled_staff"])
    assert not may_read_fact(actor(organ(function="commerce")), dictionary()["disabled_staff"]) or (
        dictionary()["disabled_staff"].sensitivity != "sensitive"
    )
    for fact in sensitive:
        assert may_read_fact(tax, fact) == ("tax" in certifying_functions(fact))
    assert not any(may_read_fact(PUBLIC, fact) for fact in dictionary().stored)


def test_every_certifier_of_the_dictionary_is_a_function_that_an_organ_can_have() -> None:
    functions = {function for fact in dictionary().stored for function in certifying_functions(fact)}
    assert functions <= set(ORGAN_FUNCTIONS)
    assert {"tax", "human_resources", "industry_and_it", "science", "finance"} <= functions


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("喀什纺织", "ka shi fang zhi"),
        ("和田县重庆火锅", "he tian xian chong qing huo guo"),
        ("新疆银行", "xin jiang yin hang"),
        ("ＡＢ样例", "a b yang li"),
        ("", ""),
    ],
)
def test_places_and_common_words_sort_by_the_sound_that_they_have(name: str, key: str) -> None:
    assert pinyin_key(name) == key
