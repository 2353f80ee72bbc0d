"""Trying a roster and confirming it: exactly what was tried, once, by who tried it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.utils import timezone
from registry_world import demo_code

from huiqi.registry.models import EnterpriseFacts, Organisation, RosterImport, RosterTrial
from huiqi.registry.permissions import Actor
from huiqi.registry.problems import Problem
from huiqi.registry.roster import trials
from huiqi.registry.snapshot import snapshot

pytestmark = pytest.mark.django_db

COUNTY, HOTAN = "653101", "653201"
GOOD = f"uscc,name,登记地,从业人员\n{demo_code(1)},样例一,{COUNTY},7\n{demo_code(2)},样例二,{COUNTY},8\n"


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    settings.HUIQI_DEMO = True  # type: ignore[attr-defined]


@pytest.fixture
def bureau(organ: Callable[..., Organisation]) -> Organisation:
    return organ("653100")


@pytest.fixture
def officer(bureau: Organisation, actor: Callable[..., Actor]) -> Actor:
    return actor(bureau)


def tried(actor: Actor, text: str = GOOD, name: str = "名册.csv") -> RosterTrial:
    return trials.begin(actor, io.BytesIO(text.encode()), name)


def firms() -> int:
    return Organisation.objects.enterprises().count()


def test_a_trial_says_what_would_happen_and_keeps_the_file(officer: Actor) -> None:
    trial = tried(officer)
    assert (trial.state, trial.rows, trial.new, trial.updated, trial.unchanged) == ("waiting", 2, 2, 0, 0)
    assert bytes(RosterTrial.objects.get().content or b"") == GOOD.encode()
    assert firms() == 0 and not RosterImport.objects.exists()


def test_a_yes_imports_exactly_the_file_once_and_the_bytes_are_gone(officer: Actor) -> None:
    trial = tried(officer)
    assert trials.confirm(officer, trial.pk) == trials.IMPORTED
    made = RosterImport.objects.get()
    assert (made.by, made.organisation, made.file_name) == (officer.person, officer.organisation, "名册.csv")
    assert made.sha256 == trial.sha256
    assert (made.rows, made.new) == (2, 2)
    trial.refresh_from_db()
    assert (trial.state, trial.content, trial.roster_import) == ("imported", None, made)
    assert trials.confirm(officer, trial.pk) == trials.ALREADY
    assert RosterImport.objects.count() == 1 and firms() == 2


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_import_once(officer: Actor) -> None:
    trial = tried(officer)

    def confirm() -> str:
        try:
            return trials.confirm(officer, trial.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = [each.result() for each in [pool.submit(confirm) for _ in range(2)]]
    assert sorted(outcomes) == [trials.ALREADY, trials.IMPORTED]
    assert RosterImport.objects.count() == 1


def test_a_file_with_an_error_is_not_kept_and_cannot_be_confirmed(officer: Actor) -> None:
    trial = tried(officer, GOOD + f"{demo_code(3)},样例三,{HOTAN},x\n{demo_code(4)},,{COUNTY},-1\n")
    assert (trial.state, trial.errors, trial.bad_rows) == ("refused", 4, 2)
    kept = RosterTrial.objects.get()
    assert kept.content is None
    problems = [Problem.of_json(each) for each in kept.problems]
    assert {(problem.row, problem.column) for problem in problems} == {
        (4, "登记地"), (4, "从业人员"), (5, "name"), (5, "从业人员"),
    }  # fmt: skip
    assert trials.confirm(officer, trial.pk) == trials.NOT_IMPORTED
    assert firms() == 0


def test_a_file_that_says_nothing_new_is_not_kept(officer: Actor) -> None:
    trials.confirm(officer, tried(officer).pk)
    again = tried(officer)
    assert (again.state, again.unchanged, again.content) == ("nothing", 2, None)
    assert trials.confirm(officer, again.pk) == trials.NOT_IMPORTED
    assert RosterImport.objects.count() == 1


def test_when_the_registry_has_changed_since_nothing_is_imported_and_the_new_plan_is_shown(officer: Actor) -> None:
    trial = tried(officer)
    Organisation.objects.create(kind="enterprise", name_zh="样例一", uscc=demo_code(1), region_id=COUNTY)
    assert trials.confirm(officer, trial.pk) == trials.CHANGED
    trial.refresh_from_db()
    assert (trial.state, trial.new, trial.updated) == ("waiting", 1, 1)
    assert not RosterImport.objects.exists() and firms() == 1
    assert trials.confirm(officer, trial.pk) == trials.IMPORTED


def test_when_an_enterprise_has_become_anothers_since_the_file_is_refused_and_forgotten(officer: Actor) -> None:
    trial = tried(officer)
    Organisation.objects.create(kind="enterprise", name_zh="样例一", uscc=demo_code(1), region_id=HOTAN)
    assert trials.confirm(officer, trial.pk) == trials.NOT_IMPORTED
    trial.refresh_from_db()
    assert (trial.state, trial.content, trial.errors) == ("refused", None, 1)
    assert firms() == 1 and not EnterpriseFacts.objects.exists()


def test_a_trial_is_its_makers_and_her_organs_alone(
    officer: Actor, bureau: Organisation, actor: Callable[..., Actor], organ: Callable[..., Organisation]
) -> None:
    trial = tried(officer)
    for other in (actor(bureau), actor(organ(HOTAN))):
        for act in (trials.confirm, trials.give_up):
            with pytest.raises(RosterTrial.DoesNotExist):
                act(other, trial.pk)
    with pytest.raises(PermissionDenied):
        tried(actor(bureau, "clerk"))
    with pytest.raises(PermissionDenied):
        trials.confirm(Actor(), trial.pk)
    assert RosterTrial.objects.get().state == "waiting"


def test_a_trial_ends_after_an_hour_and_the_next_one_sweeps_it_up(officer: Actor, actor: Callable[..., Actor]) -> None:
    trial = tried(officer)
    assert trial.expires_at - timezone.now() <= dt.timedelta(hours=1)
    RosterTrial.objects.update(expires_at=timezone.now())
    with pytest.raises(RosterTrial.DoesNotExist):
        trials.confirm(officer, trial.pk)
    assert officer.organisation is not None
    tried(actor(officer.organisation))
    assert not RosterTrial.objects.filter(pk=trial.pk).exists()


def test_a_new_trial_replaces_the_one_before_and_a_trial_can_be_given_up(officer: Actor) -> None:
    first = tried(officer)
    second = tried(officer)
    assert list(RosterTrial.objects.values_list("pk", flat=True)) == [second.pk]
    with pytest.raises(RosterTrial.DoesNotExist):
        trials.confirm(officer, first.pk)
    trials.give_up(officer, second.pk)
    assert not RosterTrial.objects.exists()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\temp\\名册.xlsx", "名册.xlsx"), ("a\u202egpj.csv", "agpj.csv"), ("/", "")],
)
def test_the_name_of_a_file_is_shown_and_never_a_path(officer: Actor, sent: str, kept: str) -> None:
    assert tried(officer, name=sent).file_name == kept


def test_what_is_imported_is_in_the_next_snapshot(officer: Actor) -> None:
    before = snapshot().stamp
    trials.confirm(officer, tried(officer).pk)
    after = snapshot()
    assert after.stamp != before
    assert {demo_code(1), demo_code(2)} <= set(after.under("6531")["uscc"].to_pylist())
