"""Who may have a policy now and could not before, whatever has changed in between; each is told once."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import random
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from huiqi.cli.rematch import rematch_command
from huiqi.documents.inbox import told
from huiqi.documents.models import Notice
from huiqi.opportunities import rematch as job
from huiqi.opportunities import resident as states
from huiqi.opportunities.library import Library
from huiqi.opportunities.rematch import Rematch, rematch
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Organisation, Statement
from huiqi.registry.reference import load_reference_data
from huiqi.registry.snapshot import snapshot
from huiqi.rules.words import Words

from .made_up import library_of, raw_policy

pytestmark = pytest.mark.django_db

numbers = itertools.count(1)
DAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def world(db: None, settings: Any, tmp_path: Any) -> None:
    settings.HUIQI_HOME = tmp_path
    load_reference_data()


def firm(**facts: Any) -> EnterpriseFacts:
    number = next(numbers)
    organisation = Organisation.objects.create(
        kind="enterprise", name_zh=f"样例{number}号", uscc=make_fictitious("1", "12", number), region_id="653101"
    )
    row = EnterpriseFacts.objects.create(organisation=organisation)
    set_facts(row, **facts)
    return row


def set_facts(row: EnterpriseFacts, **facts: Any) -> None:
    row.record(facts, Statement.objects.create(source="imported", made_on=dt.date(2026, 1, 1)))


def few(policy: str = "few", rule: str = "employees <= 20", **fields: Any) -> dict[str, Any]:
    return raw_policy(policy, eligible=rule, **fields)


def ids(found: dict[str, Any]) -> dict[str, list[int]]:
    return {policy: sorted(numbers.tolist()) for policy, numbers in found.items()}


def test_the_first_run_keeps_the_state_and_tells_nobody() -> None:
    firm(employees=9)
    assert rematch(DAY, library_of(few())).first
    assert rematch(DAY, library_of(few())) == Rematch()
    assert not Notice.objects.exists()


def test_a_changed_fact() -> None:
    grown, shrunk, same = firm(employees=9), firm(employees=30), firm(employees=5)
    policies = library_of(few(), few("many", "employees > 20"))
    rematch(DAY, policies)
    set_facts(grown, employees=21)
    set_facts(shrunk, employees=20)
    set_facts(same, employees=6)
    found = rematch(DAY, policies)
    assert ids(found.gained) == {"few": [shrunk.pk], "many": [grown.pk]}
    assert ids(found.lost) == {"few": [grown.pk], "many": [shrunk.pk]}
    assert found.told == 4
    assert {(n.organisation_id, n.kind, n.subject) for n in Notice.objects.all()} == {
        (shrunk.pk, "begins_to_apply", "few"), (grown.pk, "begins_to_apply", "many"),
        (grown.pk, "no_longer_applies", "few"), (shrunk.pk, "no_longer_applies", "many"),
    }  # fmt: skip


def test_what_becomes_unknown_is_lost_and_what_becomes_known_is_gained() -> None:
    known, unknown = firm(employees=9), firm(revenue=1)
    policies = library_of(few())
    rematch(DAY, policies)
    EnterpriseFacts.objects.filter(pk=known.pk).update(employees=None)
    set_facts(unknown, employees=3)
    found = rematch(DAY, policies)
    assert (ids(found.gained), ids(found.lost)) == ({"few": [unknown.pk]}, {"few": [known.pk]})


def test_new_changed_and_ended_policies() -> None:
    small, middle = firm(employees=9), firm(employees=30)
    rematch(DAY, library_of(few(), few("ends", "employees < 100", valid_to="2026-11-24"), few("moves")))
    tomorrow = DAY + dt.timedelta(1)
    found = rematch(
        tomorrow,
        library_of(
            few(),
            few("ends", "employees < 100", valid_to="2026-11-24"),
            few("moves", "employees >= 20"),
            few("new", "employees > 0"),
        ),
    )
    assert ids(found.gained) == {"moves": [middle.pk], "new": [small.pk, middle.pk]}
    assert ids(found.lost) == {"ends": [small.pk, middle.pk], "moves": [small.pk]}
    assert not Notice.objects.filter(subject="ends").exists(), "a policy that ended for all is no loss of one"


def test_an_enterprise_that_comes_and_one_that_goes() -> None:
    stays, goes = firm(employees=9), firm(employees=8)
    gone = goes.pk
    policies = library_of(few())
    rematch(DAY, policies)
    goes.delete()
    comes = firm(employees=7)
    found = rematch(DAY, policies)
    assert (ids(found.gained), ids(found.lost)) == ({"few": [comes.pk]}, {"few": [gone]})
    del stays


def test_another_day_alone_can_change_the_answer() -> None:
    young = firm(established_date="2024-11-25")
    policies = library_of(few("young", "established_date >= date '2024-11-25' and age_years < 2"))
    rematch(DAY, policies)
    found = rematch(dt.date(2026, 11, 25), policies)
    assert ids(found.lost) == {"young": [young.pk]}


def test_who_was_told_by_the_publication_is_not_told_again() -> None:
    small = firm(employees=9)
    rematch(DAY, library_of(few()))
    Notice.objects.create(organisation=small.organisation, kind="begins_to_apply", subject="new", occasion="v1")
    found = rematch(DAY, library_of(few(), few("new", "employees > 0")))
    assert (ids(found.gained), found.told) == ({"new": [small.pk]}, 0)


def test_a_policy_that_enterprises_do_not_see_is_not_told() -> None:
    firm(employees=9)
    rematch(DAY, library_of(few()))
    assert rematch(DAY, library_of(few(), few("held", "employees > 0", display="hold"))).told == 0


def test_a_dry_run_says_the_same_and_leaves_everything() -> None:
    small = firm(employees=30)
    policies = library_of(few())
    rematch(DAY, policies)
    set_facts(small, employees=3)
    dry = rematch(DAY, policies, tell=False)
    assert not Notice.objects.exists()
    assert ids(dry.gained) == ids(rematch(DAY, policies).gained) == {"few": [small.pk]}


@pytest.mark.parametrize("harm", ["cut", "missing", "other dictionary"])
def test_a_state_that_is_not_whole_or_means_something_else_is_not_used(
    harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = firm(employees=30)
    policies = library_of(few())
    rematch(DAY, policies)
    (folder,) = states._folder().iterdir()
    if harm == "cut":
        path = folder / "narrow.npy"
        path.write_bytes(path.read_bytes()[:100])
    elif harm == "missing":
        (folder / "about.json").unlink()
    else:
        (folder / "about.json").write_text((folder / "about.json").read_text().replace("<= 20", "<= 21"))
    set_facts(small, employees=3)
    assert rematch(DAY, policies).first


def test_it_equals_two_full_matches_whatever_happens() -> None:
    """Random rounds of changes; the truth is each state's full answer."""
    source = random.Random(4)
    rules = [
        "employees <= 20",
        "employees > 5 and revenue < 50",
        "not tax_arrears or revenue is null",
        "registration_region like '6531%'",
    ]

    def policies() -> Library:
        return library_of(*(few(f"p{n}", rule) for n, rule in enumerate(source.sample(rules, source.randrange(1, 5)))))

    def facts() -> dict[str, Any]:
        return {
            "employees": source.randrange(40),
            "revenue": source.choice([10, 50, 90]),
            "tax_arrears": source.random() < 0.5,
        }

    def answers(of: Library) -> set[tuple[str, int]]:
        state = states.resident(snapshot(), of, DAY, timezone.now())
        found = job.changes(states.resident(snapshot(), library_of(), DAY, timezone.now()), state)
        return {(policy, number) for policy, numbers in ids(found.gained).items() for number in numbers}

    firms = [firm(**facts()) for _ in range(12)]
    of = policies()
    rematch(DAY, of)
    before = answers(of)
    for _ in range(8):
        for row in source.sample(firms, 4):
            set_facts(row, **facts())
        if source.random() < 0.5:
            firms.append(firm(**facts()))
        of = policies() if source.random() < 0.5 else of
        found, after = rematch(DAY, of), answers(of)
        gained = {(policy, number) for policy, numbers in ids(found.gained).items() for number in numbers}
        lost = {(policy, number) for policy, numbers in ids(found.lost).items() for number in numbers}
        assert (gained, lost) == (after - before, before - after)
        before = after


def test_the_note_that_a_policy_no_longer_applies_is_told_in_both_languages() -> None:
    notice = Notice(organisation_id=1, kind="no_longer_applies", subject="few", data={"since": "2026-11-24"})
    line = told(notice, lambda _: Words("小微补助", "Grant for few"))
    assert "小微补助" in line.title.zh
    assert "Grant for few" in line.title.en
    assert line.page == ("policy", "few")


def test_the_command_says_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiqi.cli.project.database", contextlib.nullcontext)
    monkeypatch.setattr("huiqi.cli.project.prepare", lambda: None)
    small = firm(employees=9)
    run = CliRunner().invoke
    assert json.loads(run(rematch_command, ["--json"]).stdout)["first"] is True
    set_facts(small, employees=900, size_class="large")
    answer = run(rematch_command, ["--json"])
    assert answer.exit_code == 0
    assert set(json.loads(answer.stdout)) == {"first", "gained", "lost", "told"}
