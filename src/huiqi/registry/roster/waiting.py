"""Declarations that wait while a roster says something of the same fact."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper

from huiqi.rules.values import read_value

from ..models import Declaration
from ..models.facts import stored_value


def waiting_declarations(cursor: CursorWrapper, names: Iterable[str]) -> list[tuple[Declaration, Any]]:
    """The waiting declarations of which the roster in ``roster_incoming`` gives the fact, and the value that it gives.

    The rows of their files are held by the import, so nobody decides or withdraws them meanwhile.
    """
    cursor.execute(
        """
        select d.id, (to_jsonb(i) -> d.fact)::text
        from roster_incoming i
        join registry_organisation o on o.uscc = i.uscc
        join registry_declaration d on d.organisation_id = o.id and d.state = 'waiting' and d.fact = any(%s)
        where jsonb_typeof(to_jsonb(i) -> d.fact) <> 'null'
        """,
        [list(names)],
    )
    given = {declaration: json.loads(value, parse_float=Decimal) for declaration, value in cursor.fetchall()}
    found = Declaration.objects.filter(pk__in=given).defer("evidence").order_by("pk")
    return [(each, stored_value(each.definition, read_value(each.definition, given[each.pk]))) for each in found]
