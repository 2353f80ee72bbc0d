"""Every permission, asked for everybody: ``permissions.csv`` says to whom it is given and to whom it is not.

The permissions are read from the packages: each function that answers yes or no about an actor, and ``visible_to`` of each
model. One that is new has to be added here with the thing that it is asked about, and its answers to the table.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from tests.browser.world import MATTER, World

import huiqi
from huiqi.cases.models import Case
from huiqi.law.models import Obligation
from huiqi.registry.permissions import PUBLIC, Actor
from huiqi.rules.dictionary import dictionary

from .conftest import OF_THE_PLACE, STRANGERS

TABLE = Path(__file__).parent / "permissions.csv"
EVERYBODY = (*OF_THE_PLACE, "supervisor", "regional_supervisor", *STRANGERS, "other_supervisor", "other_auditor")

#: What a permission is asked about besides the actor.
ABOUT: dict[str, Callable[[World], tuple[Any, ...]]] = {
    "cases.writing.may_begin": lambda world: (Case.objects.get(pk=world.ids["case"]), "acceptance"),
    "documents.letters.reading.handles": lambda world: MATTER,
    "law.duties.closing.may_fulfil": lambda world: (Obligation.objects.get(pk=world.ids["duty"]),),
    "law.duties.closing.may_waive": lambda world: (Obligation.objects.get(pk=world.ids["duty"]),),
    "registry.accounts.may_look_after": lambda world: (world.people["clerk"],),
    "registry.permissions.may_read_fact": lambda world: (dictionary()["revenue"],),
}


def permissions() -> Iterator[tuple[str, Callable[..., bool]]]:
    """Name and function of each question about an actor that a package answers with yes or no."""
    for module in pkgutil.walk_packages(huiqi.__path__, "huiqi."):
        if module.name.split(".")[1] in ("__main__", "web", "cli", "config") or ".migrations." in module.name:
            continue
        found = importlib.import_module(module.name)
        for name, function in inspect.getmembers(found, inspect.isfunction):
            if function.__module__ != module.name or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            if first is not None and first.annotation == "Actor" and function.__annotations__["return"] == "bool":
                yield f"{module.name.removeprefix('huiqi.')}.{name}", function


def actor_of(world: World, name: str) -> Actor:
    person = world.people[name]
    if person is None:
        return PUBLIC
    return Actor(person, person.memberships.first())


def answers(world: World) -> dict[str, dict[str, str]]:
    """For each permission and each person ``yes`` or nothing; for each model whether she sees any of what there is."""
    actors = {name: actor_of(world, name) for name in EVERYBODY}
    found: dict[str, dict[str, str]] = {}
    for name, function in permissions():
        about = ABOUT[name](world) if name in ABOUT else ()
        found[name] = {who: "yes" if function(actor, *about) else "" for who, actor in actors.items()}
    for model in apps.get_models():
        rows = model._default_manager.all()
        if hasattr(rows, "visible_to"):
            assert rows.exists(), f"the world holds no {model._meta.label}"
            amounts = {0: "", rows.count(): "all"}
            found[f"visible_to: {model._meta.label}"] = {
                who: amounts.get(rows.visible_to(actor).count(), "some") for who, actor in actors.items()
            }
    return found


@pytest.mark.django_db
def test_permissions_are_given_as_the_table_says(place: World, tmp_path: Path) -> None:
    now = answers(place)
    new = tmp_path / TABLE.name
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["permission", *EVERYBODY], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"permission": name} | row for name, row in now.items())
    with TABLE.open(encoding="utf-8", newline="") as file:
        known = {line.pop("permission"): line for line in csv.DictReader(file)}
    assert now.keys() == known.keys(), f"the table as it would be: {new}"
    differing = [
        f"{name}: {who} gets {now[name][who]!r}, the table says {known[name][who]!r}"
        for name in now
        for who in EVERYBODY
        if now[name][who] != known[name][who]
    ]
    assert not differing, "\n".join([*differing, f"the table as it would be: {new}"])


#: What everybody may see: it is published.
PUBLISHED = {
    "journal.Block",
    "law.CalendarYear",
    "opportunities.PublishedPolicy",
    "registry.Organisation",
    "registry.Region",
}


def lines() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("line", lines(), ids=lambda line: line["permission"])
def test_each_permission_is_given_to_somebody_and_denied_to_somebody(line: dict[str, str]) -> None:
    name = line["permission"]
    given = {who for who in EVERYBODY if line[who]}
    assert given, "nobody has it"
    if name.removeprefix("visible_to: ") not in PUBLISHED:
        assert set(EVERYBODY) - given, "nobody is denied it"
        assert not line["stranger"], "the public has it"
