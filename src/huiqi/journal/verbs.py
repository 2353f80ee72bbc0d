"""The verbs of the journal, collected from the packages: each declares its own in ``verbs.py``.

A package says ``VERBS = {"declaration.certified": Words("认定事实", "certified a fact")}``. A verb is a thing and what
happened to it, in the past tense. What is not declared cannot be written, so that every event can be told in words.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Mapping

from django.apps import apps

from huiqi.rules.words import Words


@functools.cache
def verbs() -> Mapping[str, Words]:
    """All verbs with their words. ValueError when two packages declare the same one."""
    found: dict[str, Words] = {}
    for app in apps.get_app_configs():
        if not app.name.startswith("huiqi.") or importlib.util.find_spec(f"{app.name}.verbs") is None:
            continue
        declared: Mapping[str, Words] = getattr(importlib.import_module(f"{app.name}.verbs"), "VERBS", {})
        twice = found.keys() & declared.keys()
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
        found.update(declared)
    return found


def words_of(verb: str) -> Words:
    """The words of a verb. Raises KeyError for one that no package declares."""
    return verbs()[verb]
