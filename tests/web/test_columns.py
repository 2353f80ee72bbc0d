"""Tables and columns of the journal have names that people understand, all of them and no others."""

from __future__ import annotations

from huiqi.journal import coverage
from huiqi.registry.models import EnterpriseFacts
from huiqi.rules.dictionary import dictionary
from huiqi.web.columns import column_words, detail_words, names, table_words


def noted_columns() -> set[tuple[str, str]]:
    return {
        (model._meta.label_lower, str(field.column))
        for model in coverage.tables()
        if not coverage.exemption(model)
        for field in model._meta.concrete_fields
    }


def test_every_table_and_column_whose_changes_are_noted_has_words_and_none_is_left_over() -> None:
    noted = noted_columns()
    assert {kind for kind, _ in noted} == set(names("tables"))
    own = {
        (kind, name) for kind, name in noted if kind != EnterpriseFacts._meta.label_lower or name not in dictionary()
    }
    plain = {name for _, name in own}
    with_table = {f"{kind}.{name}" for kind, name in own}
    assert plain - set(names("columns")) == set()
    assert set(names("columns")) - plain - with_table == set()


def test_a_column_may_be_called_otherwise_in_one_table_and_a_fact_is_called_as_everywhere() -> None:
    assert str(column_words("law.obligation", "evidence_text")) == "办理情况 / what was done"
    assert str(column_words("registry.statement", "evidence")) == "凭证文件 / evidence"
    assert column_words("registry.enterprisefacts", "monthly_sales") == dictionary()["monthly_sales"].label


def test_what_is_not_known_any_more_has_no_words() -> None:
    assert table_words("registry.gone") is column_words("registry.person", "gone") is detail_words("gone") is None
