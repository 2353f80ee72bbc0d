"""Every table of every model is noted, or its model says why not: read from the models and from the database."""

from __future__ import annotations

import pytest
from django.db import connection, models

from huiqi.journal import coverage


@pytest.mark.django_db
def test_every_model_has_its_triggers_or_says_why_not() -> None:
    triggers = coverage.triggers()
    for model in coverage.tables():
        operations = triggers.get(model._meta.db_table, set())
        if coverage.exemption(model):
            assert not operations, f"{model._meta.label} is exempt and has triggers"
        else:
            assert operations == {"INSERT", "UPDATE", "DELETE"}, f"{model._meta.label} has {operations}"


@pytest.mark.django_db
def test_every_table_of_the_database_belongs_to_a_model_or_to_the_tools() -> None:
    """A table that no model knows would be changed unseen."""
    known = (
        {model._meta.db_table for model in coverage.tables()} | {"django_migrations"} | coverage.EXEMPT_TABLES.keys()
    )
    known |= {table for table in connection.introspection.table_names() if table.startswith("procrastinate_")}
    assert set(connection.introspection.table_names()) <= known


def test_hidden_columns_exist_and_exemptions_have_reasons() -> None:
    for model in coverage.tables():
        for name in getattr(model, "journal_hidden", ()):
            assert isinstance(model._meta.get_field(name), models.Field)
        assert len(coverage.exemption(model)) != 1


@pytest.mark.django_db
def test_what_ceases_to_be_exempt_or_is_hidden_anew_gets_its_triggers_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from huiqi.web.models import Attempts

    monkeypatch.delattr(Attempts, "journal_exempt")
    coverage.install()
    assert coverage.triggers()["web_attempts"] == {"INSERT", "UPDATE", "DELETE"}
    monkeypatch.undo()
    coverage.install()
    assert "web_attempts" not in coverage.triggers()
