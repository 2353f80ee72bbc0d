"""Nothing changes without an act: the triggers that note changes, on the tables of all models.

Every table of every model gets them after each migration, whoever made the model, unless the model says why not:
``journal_exempt = "reason"``. A model keeps columns out of the journal with ``journal_hidden = ("password",)``: that
they changed is noted, and not what they hold. Columns that only say when a row was saved, those of
``journal_ignored``, and columns of the database's own do not count as a change. Models of other packages, which cannot say so themselves, are listed here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

#: Models of other packages that are not noted, and why.
EXEMPT_ELSEWHERE: dict[str, str] = {
    "sessions.session": "a session is no act; signing in and out are noted",
    "contenttypes.contenttype": "Django's list of the models themselves",
    "auth.permission": "Django's list of what may be done to models; this service decides by roles",
    "usersessions.usersession": "a session is no act; signing in, and ending a session, are noted",
    "account.emailaddress": "not used: an address stands with the person",
    "account.emailconfirmation": "not used",
    "axes.accessattempt": "failed sign-ins while they are counted; each is noted as an event",
    "axes.accesslog": "not used",
    "axes.accessfailurelog": "not used",
}
#: All models of these packages: their tables are a queue's.
EXEMPT_PACKAGES: dict[str, str] = {"procrastinate": "jobs that wait; what a job does is noted"}
#: Tables that no model has: triggers of the database write them, and nothing else does.
EXEMPT_TABLES: dict[str, str] = {
    "registry_factchange": "counts the statements that changed facts, for readers of a copy"
}

#: Columns of other packages' models of which only the change is noted.
HIDDEN_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "mfa.authenticator": ("data",),
    "socialaccount.socialtoken": ("token", "token_secret"),
    "socialaccount.socialapp": ("secret", "key"),
    "socialaccount.socialaccount": ("extra_data",),
}

FUNCTIONS = """
CREATE OR REPLACE FUNCTION journal_act_of(kind text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE act text := current_setting('huiqi.act', true);
BEGIN
    IF act IS NULL OR act = '' THEN
        RAISE EXCEPTION 'a change of % without an act', kind
            USING ERRCODE = 'insufficient_privilege', HINT = 'Do it within huiqi.journal.act.';
    END IF;
    RETURN act::bigint;
END
$$;

-- What the journal keeps of a row. Hidden columns are marked, files are told by their digest.
CREATE OR REPLACE FUNCTION journal_shown(given jsonb, ignored text[], hidden text[], files text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE name text;
BEGIN
    given := jsonb_strip_nulls(given - ignored);
    FOREACH name IN ARRAY hidden LOOP
        IF given ? name THEN given := jsonb_set(given, ARRAY[name], '"(hidden)"'); END IF;
    END LOOP;
    FOREACH name IN ARRAY files LOOP
        IF given ? name THEN
            given := jsonb_set(given, ARRAY[name],
                               to_jsonb('sha256:' || encode(sha256(decode(substr(given ->> name, 3), 'hex')), 'hex')));
        END IF;
    END LOOP;
    RETURN given;
END
$$;

-- Arguments: kind, column of the key, and as JSON lists the columns that are ignored, hidden, and files.
CREATE OR REPLACE FUNCTION journal_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := TG_ARGV[0];
    key text := TG_ARGV[1];
    ignored text[] := TG_ARGV[2]::text[];
    hidden text[] := TG_ARGV[3]::text[];
    files text[] := TG_ARGV[4]::text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM added) THEN RETURN NULL; END IF;
        INSERT INTO journal_change (event, kind, "row", operation, after)
        SELECT act, kind, given ->> key, 'insert', journal_shown(given, ignored, hidden, files)
        FROM (SELECT to_jsonb(a) AS given FROM added a) x, journal_act_of(kind) AS act;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM gone) THEN RETURN NULL; END IF;
        INSERT INTO journal_change (event, kind, "row", operation, before)
        SELECT act, kind, given ->> key, 'delete', journal_shown(given, ignored, hidden, files)
        FROM (SELECT to_jsonb(g) AS given FROM gone g) x, journal_act_of(kind) AS act;
    ELSE
        -- Planned for each statement: a plan that was made for one row would be kept for a hundred thousand. A row whose
        -- key itself was changed stands in both tables alone, and is noted twice: as it was, and as it is.
        EXECUTE format(
            'INSERT INTO journal_change (event, kind, "row", operation, before, after) '
            'SELECT journal_act_of($1), $1, key, ''update'', journal_differing(old_row, new_row, $3, $4), '
            'journal_differing(new_row, old_row, $3, $4) FROM (SELECT coalesce(a.%1$I, g.%1$I)::text AS key, '
            'to_jsonb(g) - $2 AS old_row, to_jsonb(a) - $2 AS new_row FROM added a FULL JOIN gone g ON a.%1$I = g.%1$I '
            'WHERE a IS DISTINCT FROM g) x WHERE old_row IS DISTINCT FROM new_row', key)
        USING kind, ignored, hidden, files;
    END IF;
    RETURN NULL;
END
$$;

-- The columns of the first row that differ in the second.
CREATE OR REPLACE FUNCTION journal_differing(one jsonb, other jsonb, hidden text[], files text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE
        WHEN key = ANY (hidden) THEN '"(hidden)"'::jsonb
        WHEN key = ANY (files) AND value <> 'null'::jsonb
            THEN to_jsonb('sha256:' || encode(sha256(decode(substr(value #>> '{}', 3), 'hex')), 'hex'))
        ELSE value END), '{}')
    FROM jsonb_each(one) WHERE other IS NULL OR other -> key IS DISTINCT FROM value
$$;
"""


@dataclass(frozen=True)
class Noted:
    """A table whose changes are noted, with what is kept of its rows."""

    table: str
    kind: str
    key: str
    ignored: tuple[str, ...]
    hidden: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        lists = ["{" + ",".join(json.dumps(name) for name in names) + "}" for names in self._lists]
        return [self.kind, self.key, *lists]

    @property
    def _lists(self) -> tuple[tuple[str, ...], ...]:
        return self.ignored, self.hidden, self.files


def exemption(model: type[models.Model]) -> str:
    """Why changes of this model are not noted; empty when they are."""
    package = EXEMPT_PACKAGES.get(model._meta.app_label, "")
    return package or EXEMPT_ELSEWHERE.get(model._meta.label_lower, "") or getattr(model, "journal_exempt", "")


def tables() -> Iterator[type[models.Model]]:
    """All models with a table of their own, those between two others (many to many) as well."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def noted() -> list[Noted]:
    """The tables whose changes are noted."""
    return [_noted(model) for model in tables() if not exemption(model)]


def _noted(model: type[models.Model]) -> Noted:
    columns = {field.name: field for field in model._meta.concrete_fields}
    label = model._meta.label_lower
    hidden = (*getattr(model, "journal_hidden", ()), *HIDDEN_ELSEWHERE.get(label, ()))
    return Noted(
        table=model._meta.db_table,
        kind=label,
        key=str(model._meta.pk.column),
        ignored=tuple(
            str(field.column)
            for name, field in columns.items()
            if getattr(field, "auto_now", False) or name in getattr(model, "journal_ignored", ())
        ),
        hidden=tuple(str(columns[name].column) for name in hidden),
        files=tuple(str(field.column) for field in columns.values() if isinstance(field, models.BinaryField)),
    )


_OPERATIONS = {
    "INSERT": "REFERENCING NEW TABLE AS added",
    "UPDATE": "REFERENCING OLD TABLE AS gone NEW TABLE AS added",
    "DELETE": "REFERENCING OLD TABLE AS gone",
}
_PRESENT = (
    "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 "
    "AND NOT a.attisdropped AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
)
_TRIGGERS = """
SELECT c.relname, t.tgname, obj_description(t.oid, 'pg_trigger') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname LIKE 'journal\\_%%' AND NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def triggers() -> dict[str, set[str]]:
    """The operations noted by triggers of the database, by table."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        found: dict[str, set[str]] = {}
        for table, name, _ in cursor.fetchall():
            found.setdefault(table, set()).add(name.removeprefix("journal_").upper())
    return found


def install() -> None:
    """Put the triggers on all tables that are noted, and take them from those that are not (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT)
        columns: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            columns.setdefault(table, set()).add(column)
        cursor.execute(_TRIGGERS)
        standing = {(table, name): described for table, name, described in cursor.fetchall()}
        wanted: set[tuple[str, str]] = set()
        for table in noted():
            if table.table not in columns:
                continue  # its migration has not run yet
            wanted |= _install_on(cursor, table, columns[table.table], standing)
        for table_name, name in standing.keys() - wanted:
            if name.removeprefix("journal_").upper() in _OPERATIONS:
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table_name}"')


def _install_on(
    cursor: Any, table: Noted, columns: set[str], standing: dict[tuple[str, str], str]
) -> set[tuple[str, str]]:
    model_columns = {
        field.column
        for model in tables()
        if model._meta.db_table == table.table
        for field in model._meta.concrete_fields
    }
    own = tuple(sorted(columns - model_columns))
    arguments = Noted(table.table, table.kind, table.key, (*table.ignored, *own), table.hidden, table.files).arguments
    described = json.dumps(arguments, ensure_ascii=False)
    names = set()
    for operation, transition in _OPERATIONS.items():
        name = f"journal_{operation.lower()}"
        names.add((table.table, name))
        if standing.get((table.table, name)) == described:
            continue
        literals = ", ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{name}" AFTER {operation} ON "{table.table}" {transition} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION journal_note({literals})"
        )
        cursor.execute(f'ALTER TABLE "{table.table}" ENABLE ALWAYS TRIGGER "{name}"')
        cursor.execute(f'COMMENT ON TRIGGER "{name}" ON "{table.table}" IS %s', [described])
    return names


def after_migrate(sender: Any, using: str = "default", **_: Any) -> None:
    """After the last package's migrations: every table has its triggers."""
    if sender.name != "huiqi.journal" or "journal_event" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p "
            "WHERE p.proname = 'journal_note' AND p.pronamespace = current_schema()::regnamespace"
        )
        standing = cursor.fetchone()
        digest = hashlib.sha256(FUNCTIONS.encode()).hexdigest()
        if standing is None or standing[0] != digest:
            cursor.execute(FUNCTIONS)
            cursor.execute(f"COMMENT ON FUNCTION journal_note() IS '{digest}'")
    install()
