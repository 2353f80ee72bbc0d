"""``huiqi manage check``: what a model says to the journal makes sense."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from django.core.exceptions import FieldDoesNotExist

from .coverage import EXEMPT_ELSEWHERE, EXEMPT_PACKAGES


@register
def models_say_why(app_configs: Any, **_: Any) -> list[Error]:
    """A model of ours that is exempt gives its reason, and hides only columns that it has."""
    problems = []
    for model in apps.get_models():
        reason = getattr(model, "journal_exempt", None)
        if reason is not None and not str(reason).strip():
            problems.append(Error("journal_exempt gives no reason", obj=model, id="huiqi.E010"))
        for name in (*getattr(model, "journal_hidden", ()), *getattr(model, "journal_ignored", ())):
            try:
                model._meta.get_field(name)
            except FieldDoesNotExist:
                problems.append(Error(f"the journal is told of {name}, which is no field", obj=model, id="huiqi.E011"))
    ours = {label for label in EXEMPT_ELSEWHERE if label.split(".")[0] in _own_labels()}
    ours |= {label for label in EXEMPT_PACKAGES if label in _own_labels()}
    problems += [Error(f"{label} is ours: it says so itself", id="huiqi.E012") for label in sorted(ours)]
    return problems


def _own_labels() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name.startswith("huiqi.")}
