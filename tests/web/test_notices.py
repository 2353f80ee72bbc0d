"""From saved answers to the inbox: what newly applies and what nears its end is told, by pages and the daily command."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from web_pages import PASSWORD, visible, visitor

from huiqi.cli.notices import notices_command
from huiqi.registry.models import Membership, Organisation, Person
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference_data()


@pytest.fixture
def run_daily(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``huiqi notices``, in the database of the test."""
    monkeypatch.setattr("huiqi.cli.project.database", contextlib.nullcontext)
    monkeypatch.setattr("huiqi.cli.project.prepare", lambda: None)

    def run(on: dt.date) -> str:
        result = CliRunner().invoke(notices_command, ["--on", on.isoformat(), "--lang", "en"])
        assert result.exit_code == 0, result.output
        return result.output

    return run


def registered(name: str, people: str, language: str = "zh-hans") -> Client:
    """Somebody who answered in the finder and then registered."""
    client = visitor(language)
    client.post("/", {"by": "three", "place": "653101", "people": people})
    given = {"username": name, "display_name": "样例", "password": "correct horse battery staple"}
    assert client.post("/register/", given).status_code == 302
    return client


def publish(eligible: str, until: dt.date) -> None:
    """An officer of the region publishes a policy at her desk."""
    office = Organisation.objects.create(
        kind="organ", name_zh="样例工信厅", name_en="Office", region_id="650000", organ_function="industry_and_it"
    )
    person = Person.objects.create_user("officer", PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=office, role="officer", start=dt.date(2020, 1, 1))
    desk = visitor("en")
    desk.force_login(person, "django.contrib.auth.backends.ModelBackend")
    address = desk.post("/desk/drafts/new/").headers["Location"]
    sent: dict[str, Any] = {
        "act": "publish",
        "base": "",
        "eligible": eligible,
        "title_zh": "稳岗补贴",
        "title_en": "Subsidy for keeping staff",
        "benefit_type": "subsidy",
        "benefit_zh": "每人 500 元。",
        "how_to_claim_zh": "不用申请。",
        "amount": "employees * 500",
        "amount_per": "year",
        "articles": "14, 25",
        "valid_from": timezone.localdate().isoformat(),
        "valid_to": until.isoformat(),
    }
    response = desk.post(address, sent)
    assert response.status_code == 302, visible(response)


def test_saved_answers_bring_a_note_when_a_policy_newly_applies_and_when_its_end_nears(
    run_daily: Callable[..., str],
) -> None:
    today = timezone.localdate()
    small, large = registered("small", "9"), registered("large", "90", "en")
    run_daily(today)
    assert "稳岗补贴" not in visible(small.get("/inbox/"))
    publish("employees <= 20", until=today + dt.timedelta(days=40))
    run_daily(today)
    inbox = small.get("/inbox/")
    assert "新政策适合你：稳岗补贴" in visible(inbox)
    assert "快到期了" not in visible(inbox)
    assert "新政策适合你：稳岗补贴" in visible(small.get("/home/"))
    assert "Subsidy for keeping staff" not in visible(large.get("/inbox/"))

    run_daily(today + dt.timedelta(days=24))
    assert "快到期了：稳岗补贴" not in visible(small.get("/inbox/"))
    run_daily(today + dt.timedelta(days=25))
    text = visible(small.get("/inbox/"))
    assert "快到期了：稳岗补贴" in text
    assert "2 条未读" in text
    assert "稳岗补贴" not in visible(large.get("/inbox/"))
    run_daily(today + dt.timedelta(days=26))
    assert visible(small.get("/inbox/")) == text


def test_changed_answers_that_are_saved_are_told_of_what_they_open(run_daily: Callable[..., str]) -> None:
    today = timezone.localdate()
    client = registered("grown", "90")
    publish("employees <= 20", until=today + dt.timedelta(days=40))
    run_daily(today)
    assert "稳岗补贴" not in visible(client.get("/inbox/"))
    client.post("/finder/question/employees/", {"value": "9"})
    run_daily(today)
    assert "稳岗补贴" not in visible(client.get("/inbox/"))  # this visit only, as long as it is not kept
    client.post("/home/answers/")
    run_daily(today)
    assert "新政策适合你：稳岗补贴" in visible(client.get("/inbox/"))


def test_from_the_note_one_comes_to_the_policy_and_it_is_read(run_daily: Callable[..., str]) -> None:
    client = registered("small", "9")
    publish("employees <= 20", until=timezone.localdate() + dt.timedelta(days=40))
    run_daily(timezone.localdate())
    assert "1 条未读" in visible(client.get("/inbox/?show=unread"))
    html = client.get("/inbox/").content.decode()
    action = html.split('action="/inbox/')[1:]
    notice = next(part.split("/")[0] for part in action if part[0].isdigit())
    response = client.post(f"/inbox/{notice}/", {"open": "1"}, follow=True)
    assert "稳岗补贴" in visible(response)
    assert "都看过了" in visible(client.get("/inbox/?show=unread"))
