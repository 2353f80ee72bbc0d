"""Every address as every role, compared with a committed table: ``who_sees_what.csv``.

A cell says what somebody gets: a ``page``, a ``file``, ``onward`` (led elsewhere), ``refused``; and after a stroke what
becomes of a form that is sent there: ``taken`` (the form is looked at), ``refused``, or nothing where there is no form.
When a page is added or a permission changes, the test says so and writes the new table beside the old one for review.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from tests.browser.addresses import kind, patterns
from tests.browser.world import EXAMPLES, Example, World

from .conftest import OF_THE_PLACE, STRANGERS

TABLE = Path(__file__).parent / "who_sees_what.csv"


def answers(clients: dict[str, Client], address: str) -> dict[str, str]:
    """What each of them gets at an address, and what becomes of an empty form. Nothing of it stays.

    Where somebody who sees the page is told that it takes no form, nobody else is asked.
    """
    seen = {who: kind(client.get(address)) for who, client in clients.items()}  # type: ignore[arg-type]
    order = sorted(clients, key=lambda who: seen[who] == "refused")
    for who in order:
        with transaction.atomic():
            sent = clients[who].post(address, {})
            transaction.set_rollback(True)
        if sent.status_code == 405:
            break
        to_login = sent.status_code in (301, 302) and sent["Location"].startswith("/login/")
        seen[who] += "/refused" if to_login or sent.status_code in (401, 403, 404) else "/taken"
    return {who: seen[who] for who in clients}


@pytest.mark.django_db
def test_who_sees_what_is_as_the_table_says(place: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HUIQI_DEMO", True)
    # who is let in is decided before a page is written, and thousands of pages are not read here
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_, **__: "")
    world = place
    clients = {name: world.client(name) for name in (*OF_THE_PLACE, *STRANGERS)}
    lines = []
    for name, _ in patterns():
        if name in ("logout", "set_language"):
            continue  # they answer everybody, and end what the walk needs
        for number, example in enumerate(EXAMPLES.get(name, [Example()])):
            if number and not callable(example.arguments):
                continue  # the same page with other words
            address = example.address(name, world.ids)
            label = name if not number else f"{name} ({number + 1})"
            lines.append({"address": label} | answers(clients, address))
    new = tmp_path / "who_sees_what.csv"
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["address", *clients], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    with TABLE.open(encoding="utf-8", newline="") as file:
        known = {line["address"]: line for line in csv.DictReader(file)}
    now = {line["address"]: line for line in lines}
    differing = [
        f"{address}: {who} gets {now[address][who]}, the table says {known.get(address, {}).get(who, 'nothing')}"
        for address in now
        for who in clients
        if now[address][who] != known.get(address, {}).get(who)
    ]
    gone = [f"{address}: is in the table and no address any more" for address in known.keys() - now.keys()]
    assert not differing and not gone, "\n".join([*differing, *gone, f"the table as it would be: {new}"])


def test_strangers_get_nothing_of_another_area() -> None:
    """What the committed table itself says: nobody from elsewhere gets a page about somebody's own things."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        lines = {line["address"]: line for line in csv.DictReader(file)}
    own = (
        "draft",
        "draft_live",
        "draft_compare",
        "withdraw",
        "evidence",
        "declaration",
        "correct",
        "roster_trial",
        "request",
    )
    for name in (*own, "event", "event_proof"):
        for who in STRANGERS:
            cell = lines[name][who]
            assert cell.split("/")[0] in ("refused", "post"), (name, who, cell)
            assert "taken" not in cell, (name, who, cell)
