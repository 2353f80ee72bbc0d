"""Importing a roster: all of it or nothing, in one transaction.

The file is read and checked first, outside the database. Then it is copied into a temporary table, and one query lays
down, row by row, what is new and what differs from what is known (the *plan*). A dry run ends there. An import writes
the plan with one INSERT ... ON CONFLICT a table. Provenance follows the same rules as
:meth:`huiqi.registry.models.EnterpriseFacts.record`: blank cells leave what is known; a value that is certified and
still valid gives way to a certified one only, anything else that is said is kept as a claim beside it. A value that is
said again on no better ground changes nothing, so that the second import of a file writes nothing.

There is no mark by which a cell could clear what is known: a blank cannot mean both "not in this file" and "no longer
known", and a word like 清空 would stand in a cell by mistake one day. A declaration is withdrawn one at a time
(:func:`huiqi.registry.declaring.withdraw`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg import sql
from psycopg.errors import UniqueViolation

from huiqi.journal import Who, act, machine
from huiqi.rules.dictionary import dictionary
from huiqi.rules.words import Words

from ..models import EnterpriseFacts, Organisation, Person, RosterImport, Statement
from ..models.facts import COLUMNS
from ..names import pinyin_key
from ..problems import Problems
from ..vocabulary import CERTIFIED, DECLARED, DERIVED, ENTERPRISE, IMPORTED, RANK
from .area import Area
from .checks import check_area, check_roster
from .limits import Limits
from .reader import Roster, read
from .tables import Source
from .waiting import waiting_declarations

REGION_FACTS = ("registration_region", "operating_region")

#: PostgreSQL passes at most 100 arguments to a function, and an entry of an object takes two.
_ENTRIES = 45

#: Imports wait for one another, so that each plans on what the one before has written.
_LOCK = 0x68756971


@dataclass
class RosterReport:
    """What an import did, or would do in a dry run.

    ``written`` is True once everything is in the database; it is False after a dry run and after a refused file, and
    then nothing is. ``new``, ``updated`` and ``unchanged`` add up to ``rows`` when the file has no errors. ``sha256`` is
    the digest of the file, empty when it was not read at all.
    """

    dry_run: bool
    problems: Problems
    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    written: bool = False
    roster_import: RosterImport | None = None
    sha256: str = ""
    row_numbers: Sequence[int] = ()

    @property
    def accepted(self) -> bool:
        """Whether the file is without errors."""
        return self.problems.errors == 0

    @property
    def bad_rows(self) -> int:
        """How many rows of the table have errors; those of the headings are in no row of it."""
        return len(self.problems.bad_rows.intersection(self.row_numbers))

    def problems_csv(self, language: str) -> str:
        """The list of problems as a CSV file to download."""
        return self.problems.csv(language)


def import_roster(
    source: str | Path | IO[bytes],
    *,
    by: Person | None,
    organisation: Organisation | None = None,
    dry_run: bool = True,
    statement: Statement | None = None,
    allow_fictitious: bool | None = None,
    limits: Limits | None = None,
    within: Area | None = None,
) -> RosterReport:
    """Import a roster of enterprises (a path or an open binary file), or say what an import would do.

    ``by`` and ``organisation`` are who imports and for whom. ``statement`` is an unsaved statement on which all values
    of the file rest; by default they count as imported today. ``allow_fictitious`` admits the credit codes of the
    demonstration and is ``settings.HUIQI_DEMO`` when it is None. ``within`` is the area of the organ that imports: rows
    that are not of its enterprises are errors; an operator imports without one. Raises OSError when a path cannot be
    read.
    """
    if allow_fictitious is None:
        allow_fictitious = settings.HUIQI_DEMO
    roster = read(source, dictionary(), allow_fictitious=allow_fictitious, limits=limits)
    report = RosterReport(
        dry_run,
        roster.problems,
        roster.rows,
        sha256=roster.source.sha256 if roster.source else "",
        row_numbers=roster.row_numbers,
    )
    if roster.source is None or not roster.readable:
        return report
    statement = statement or Statement(source=IMPORTED, made_on=timezone.localdate())
    check_roster(roster, within)
    if not report.accepted:
        return report
    try:
        with transaction.atomic():
            _Import(roster, roster.source, report, by, organisation, statement, within).run()
    except _OutsideArea:
        pass  # the problems say so
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        report.new = report.updated = report.unchanged = 0
        report.written, report.roster_import = False, None
        roster.problems.add(
            Words(
                "登记的企业刚有变动，没有导入",
                "the enterprises on file have just changed; nothing was imported",
            ),
            Words("请再导入一次", "Import the file again"),
        )
    return report


#: From so many rows on it matters in which order the database goes through the tables.
MANY = 500


class _OutsideArea(Exception):
    """An enterprise has come to be another organ's after the file was checked."""


# --- the database -----------------------------------------------------------------------------------------------------


def _json(name: str, table: str) -> sql.Composable:
    """A column as :func:`huiqi.registry.models.facts.json_value` gives it: decimals and dates as strings."""
    column = sql.Identifier(table, name)
    return sql.SQL("to_jsonb({}::text)" if COLUMNS[name].type in ("decimal", "date") else "to_jsonb({})").format(column)


def _objects(entries: Sequence[sql.Composable]) -> sql.Composable:
    """A jsonb object of ``'key', value`` pairs, without those whose value is NULL."""
    parts: list[sql.Composable] = [
        sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(entries[i : i + _ENTRIES]))
        for i in range(0, len(entries), _ENTRIES)
    ]
    return sql.SQL("jsonb_strip_nulls({})").format(sql.SQL(" || ").join(parts or [sql.SQL("'{}'::jsonb")]))


def _names_where(conditions: Mapping[str, sql.Composable]) -> sql.Composable:
    """An array of the names whose condition holds."""
    if not conditions:
        return sql.SQL("'{}'::text[]")
    cases = (sql.SQL("case when {} then {} end").format(test, sql.Literal(name)) for name, test in conditions.items())
    return sql.SQL("array_remove(array[{}]::text[], null)").format(sql.SQL(", ").join(cases))


class _Import:
    """The database's part of one import, inside one transaction."""

    def __init__(
        self,
        roster: Roster,
        source: Source,
        report: RosterReport,
        by: Person | None,
        organisation: Organisation | None,
        statement: Statement,
        area: Area | None,
    ) -> None:
        self.roster, self.source, self.report, self.area = roster, source, report, area
        self.by, self.organisation, self.statement = by, organisation, statement
        self.names = [name for name in COLUMNS if name in roster.facts]

    def run(self) -> None:
        with connection.cursor() as cursor:
            self.cursor = cursor
            self._execute(sql.SQL("select pg_advisory_xact_lock({})").format(_LOCK))
            self._copy()
            if self.roster.rows >= MANY:
                self._count_anew()
            if not self.report.dry_run:
                self._hold_rows()
            if self.area is not None:
                check_area(self.roster, self.area)
                if not self.report.accepted:
                    raise _OutsideArea
            # In a dry run no number is drawn: the plan is never written.
            self.statement_id = 0 if self.report.dry_run else self._draw_statement_id()
            self.weighs = self._weigh_statements()
            self._plan()
            if not self.report.dry_run:
                self._write()
                if self.report.new >= MANY:
                    self._count_anew()
            self._execute(sql.SQL("drop table roster_incoming, roster_plan, roster_held"))

    def _execute(self, statement: sql.Composable) -> None:
        self.cursor.execute(statement.as_string(self.cursor.connection))

    def _draw_statement_id(self) -> int:
        self._execute(sql.SQL("select nextval(pg_get_serial_sequence('registry_statement', 'id'))"))
        return int(self.cursor.fetchone()[0])

    def _copy(self) -> None:
        """The roster in a temporary table, with the types of the fact store."""
        fields = {field.name: field for field in EnterpriseFacts._meta.concrete_fields}
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(str(fields[name].db_type(connection))))
            for name in self.names
        ]
        keys = sql.SQL("uscc text primary key, name_zh text, name_pinyin text").format()
        self._execute(
            sql.SQL("create temporary table roster_incoming ({}) on commit drop").format(
                sql.SQL(", ").join([keys, *columns])
            )
        )
        names = self.roster.names or [None] * self.roster.rows
        arrays: dict[str, Any] = {
            "uscc": pa.array(self.roster.codes, pa.string()),
            "name_zh": pa.array(names, pa.string()),
            "name_pinyin": pa.array([pinyin_key(name) if name else None for name in names], pa.string()),
        }
        for name in self.names:
            column = self.roster.table[name]
            if pa.types.is_list(column.type):
                # Members are codes of letters, digits and underscores: nothing in them needs quoting.
                column = pc.binary_join_element_wise("{", pc.binary_join(column, ","), "}", "")
            arrays[name] = column
        target = sql.SQL("copy roster_incoming ({}) from stdin (format csv)").format(
            sql.SQL(", ").join(map(sql.Identifier, arrays))
        )
        options = pyarrow.csv.WriteOptions(include_header=False)
        with self.cursor.copy(target) as copy:
            for batch in pa.table(arrays).to_batches(max_chunksize=50_000):
                buffer = io.BytesIO()
                pyarrow.csv.write_csv(batch, buffer, options)
                copy.write(buffer.getvalue())
        self._execute(sql.SQL("analyze roster_incoming (uscc)"))

    def _count_anew(self) -> None:
        """Tell the planner how many enterprises there are. What it has read may be from a day when there were none, and
        then this import, or a small one that follows, would go through all of them for each row of the roster."""
        self._execute(sql.SQL("analyze registry_organisation (id, uscc)"))
        self._execute(sql.SQL("analyze registry_enterprisefacts (organisation_id)"))

    def _hold_rows(self) -> None:
        """What the plan rests on stays as it is until the end of the transaction."""
        for table, key in (("registry_organisation", "id"), ("registry_enterprisefacts", "organisation_id")):
            self._execute(
                sql.SQL("""
                    select from {table} t join registry_organisation o on o.id = t.{key}
                    join roster_incoming i on i.uscc = o.uscc order by o.id for no key update of t
                """).format(table=sql.Identifier(table), key=sql.Identifier(key))
            )

    def _weigh_statements(self) -> bool:
        """For each enterprise the facts that stand (``held``), that are to rest on the better statement of this import
        (``refreshed``), and that somebody but an authority said (``said``). Returns whether there are any at all."""
        rank = sql.SQL("case s.source {} end").format(
            sql.SQL(" ").join(
                sql.SQL("when {} then {}").format(sql.Literal(source), sql.Literal(value))
                for source, value in RANK.items()
            )
        )
        made_on = sql.Literal(self.statement.made_on)
        own_rank = sql.Literal(RANK[self.statement.source])
        ended = sql.SQL("coalesce(s.valid_until < {}, false)").format(made_on)
        held = sql.SQL("{} > {} and not {}").format(rank, own_rank, ended)
        renewed = sql.SQL(
            "{rank} = {own_rank} and (s.valid_until is distinct from {until}::date or s.source = {certified}"
            " and (s.certified_by_id, s.certifier_name) is distinct from ({organ}::bigint, {name}))"
        ).format(
            rank=rank,
            own_rank=own_rank,
            until=sql.Literal(self.statement.valid_until),
            certified=sql.Literal(CERTIFIED),
            organ=sql.Literal(self.statement.certified_by_id),
            name=sql.Literal(self.statement.certifier_name),
        )
        refreshed = sql.SQL("({} < {} or {} or {})").format(rank, own_rank, ended, renewed)
        said = sql.SQL("s.source in ({}, {})").format(sql.Literal(DECLARED), sql.Literal(IMPORTED))
        self._execute(
            sql.SQL("""
                create temporary table roster_held on commit drop as
                with weighed as materialized (
                    select s.id, {held} as held, {refreshed} as refreshed, {said} as said from registry_statement s
                ), relevant as materialized (
                    select * from weighed where held or refreshed
                ), listed as materialized (
                    select f.organisation_id, f.provenance
                    from roster_incoming i
                    join registry_organisation o on o.uscc = i.uscc
                    join registry_enterprisefacts f on f.organisation_id = o.id
                    where exists (select from relevant)
                )
                select f.organisation_id,
                       coalesce(array_agg(p.key) filter (where r.held), '{{}}') as held,
                       coalesce(array_agg(p.key) filter (where r.refreshed), '{{}}') as refreshed,
                       coalesce(array_agg(p.key) filter (where r.said), '{{}}') as said
                from listed f
                cross join lateral jsonb_each_text(f.provenance) p
                join relevant r on r.id = p.value::bigint
                group by f.organisation_id
            """).format(held=held, refreshed=refreshed, said=said)
        )
        self._execute(sql.SQL("create unique index on roster_held (organisation_id)"))
        self._execute(sql.SQL("analyze roster_held (organisation_id)"))
        self._execute(sql.SQL("select exists (select from roster_held)"))
        return bool(self.cursor.fetchone()[0])

    def _plan(self) -> None:
        """What each row changes: names of facts, claims to add and to drop."""
        changed: dict[str, sql.Composable] = {}
        claims: list[sql.Composable] = []
        dropped: dict[str, sql.Composable] = {}
        certified, derived = self.statement.source == CERTIFIED, self.statement.source == DERIVED
        for name in self.names:
            key = sql.Literal(name)
            new, old = sql.Identifier("i", name), sql.Identifier("f", name)
            differs = sql.SQL("{} is not null and {} is distinct from {}").format(new, old, new)
            if not self.weighs:
                changed[name] = differs
                continue
            given = sql.SQL("{} is not null").format(new)
            held = sql.SQL("coalesce({} = any(h.held), false)").format(key)
            changed[name] = sql.SQL(
                "{given} and not {held} and ({old} is distinct from {new} or coalesce({key} = any(h.refreshed), false))"
            ).format(given=given, held=held, old=old, new=new, key=key)
            claimed_value = sql.SQL("f.claims -> {} -> 'value'").format(key)
            new_value = _json(name, "i")
            basis: sql.Composable
            if certified:
                # What was said before an authority certified otherwise stays as a claim.
                test = sql.SQL("coalesce({} and {} is not null and {} = any(h.said), false)").format(differs, old, key)
                value, basis = _json(name, "f"), sql.SQL("(f.provenance ->> {})::bigint").format(key)
                dropped[name] = sql.SQL("{} and {} = {} and not {}").format(given, claimed_value, new_value, test)
            else:
                test = sql.SQL("{} and {} and {} is distinct from {}").format(differs, held, claimed_value, new_value)
                value, basis = new_value, sql.Literal(self.statement_id)
                settled = sql.SQL("{} is not distinct from {}").format(old, new)
                if derived:
                    # An estimate is nobody's claim and settles none.
                    test, settled = sql.SQL("false").format(), sql.SQL("false").format()
                dropped[name] = sql.SQL("{} and f.claims ? {} and (not {} or {})").format(given, key, held, settled)
            claims.append(
                sql.SQL("{}, case when {} then jsonb_build_object('value', {}, 'statement', {}) end").format(
                    key, test, value, basis
                )
            )
        self._execute(
            sql.SQL("""
                create temporary table roster_plan on commit drop as
                select i.uscc, o.id as organisation_id, {changed} as changed, {claims} as claims, {dropped} as dropped,
                       coalesce(i.name_zh <> o.name_zh, false) as renamed
                from roster_incoming i
                left join registry_organisation o on o.uscc = i.uscc
                left join registry_enterprisefacts f on f.organisation_id = o.id
                left join roster_held h on h.organisation_id = o.id
            """).format(changed=_names_where(changed), claims=_objects(claims), dropped=_names_where(dropped))
        )
        self._execute(
            sql.SQL("""
                select count(*) filter (where organisation_id is null),
                       count(*) filter (where organisation_id is not null and (
                           renamed or changed <> '{{}}' or claims <> '{{}}' or dropped <> '{{}}')),
                       count(*) filter (where changed <> '{{}}' or claims <> '{{}}' or dropped <> '{{}}')
                from roster_plan
            """).format()
        )
        self.report.new, self.report.updated, self.rows_to_write = self.cursor.fetchone()
        self.report.unchanged = self.report.rows - self.report.new - self.report.updated

    def _write(self) -> None:
        who = Who(self.by.pk, None, self.organisation.pk if self.organisation else None) if self.by else None
        with act(who or machine("huiqi roster"), "roster.imported", articles=(3, 6)) as this:
            self._write_all()
            assert self.report.roster_import is not None
            this.about(self.report.roster_import)

    def _write_all(self) -> None:
        report = self.report
        report.roster_import = RosterImport.objects.create(
            by=self.by,
            organisation=self.organisation,
            file_name=self.source.name[-255:],
            sha256=self.source.sha256,
            rows=report.rows,
            new=report.new,
            updated=report.updated,
            unchanged=report.unchanged,
            warnings=self.roster.problems.warnings,
        )
        waiting = waiting_declarations(self.cursor, self.names)
        if self.rows_to_write or waiting:
            self._save_statement(report.roster_import)
        self._write_organisations()
        if self.rows_to_write:
            self._write_facts()
        for declaration, value in waiting:
            declaration.hear(value, self.statement)
        report.written = True

    def _save_statement(self, roster_import: RosterImport) -> None:
        self.statement.pk = self.statement_id
        self.statement.roster_import = roster_import
        self.statement.by = self.statement.by or self.by
        self.statement.save(force_insert=True)

    def _write_organisations(self) -> None:
        region = sql.SQL("(select r.code from registry_region r where r.code = {})")
        placed = "registration_region" in self.names
        registered = region.format(sql.SQL("i.registration_region")) if placed else sql.SQL("null")
        self._execute(
            sql.SQL("""
                insert into registry_organisation (kind, name_zh, name_en, name_pinyin, uscc, region_id, is_bingtuan)
                select {kind}, i.name_zh, '', i.name_pinyin, i.uscc, {region}, false
                from roster_incoming i join roster_plan p on p.uscc = i.uscc
                where p.organisation_id is null
            """).format(kind=sql.Literal(ENTERPRISE), region=registered)
        )
        self._execute(
            sql.SQL("""
                update registry_organisation o set name_zh = i.name_zh, name_pinyin = i.name_pinyin
                from roster_incoming i join roster_plan p on p.uscc = i.uscc
                where o.id = p.organisation_id and p.renamed
            """)
        )
        if placed:
            self._execute(
                sql.SQL("""
                    update registry_organisation o set region_id = {region}
                    from roster_incoming i join roster_plan p on p.uscc = i.uscc
                    where o.id = p.organisation_id and 'registration_region' = any(p.changed)
                        and o.region_id is distinct from {region}
                """).format(region=registered)
            )

    def _write_facts(self) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, self.names))
        values = [
            sql.SQL("case when {} = any(p.changed) then {} end").format(sql.Literal(name), sql.Identifier("i", name))
            if self.weighs
            else sql.Identifier("i", name)
            for name in self.names
        ]
        updates = [
            sql.SQL("{name} = coalesce(excluded.{name}, f.{name})").format(name=sql.Identifier(name))
            for name in self.names
        ]
        # Names of facts are identifiers, so the object can be written as text; building it entry by entry is slower.
        provenance = sql.SQL(
            "case when p.changed = '{{}}' then '{{}}' else"
            """ ('{{"' || array_to_string(p.changed, {middle}) || {end})::jsonb end"""
        ).format(
            middle=sql.Literal(f'": {self.statement_id}, "'),
            end=sql.Literal(f'": {self.statement_id}}}'),
        )
        self._execute(
            sql.SQL("""
                insert into registry_enterprisefacts as f
                    (organisation_id, provenance, claims, updated_at{comma}{columns})
                select o.id, {provenance}, p.claims, now(){comma}{values}
                from roster_incoming i
                join roster_plan p on p.uscc = i.uscc
                join registry_organisation o on o.uscc = i.uscc
                where p.organisation_id is null or p.changed <> '{{}}' or p.claims <> '{{}}' or p.dropped <> '{{}}'
                on conflict (organisation_id) do update set
                    provenance = f.provenance || excluded.provenance,
                    claims = f.claims || excluded.claims,
                    updated_at = excluded.updated_at{comma}{updates}
            """).format(
                columns=columns,
                values=sql.SQL(", ").join(values),
                updates=sql.SQL(", ").join(updates),
                provenance=provenance,
                comma=sql.SQL(", ") if self.names else sql.SQL(""),
            )
        )
        if self.weighs:
            self._execute(
                sql.SQL("""
                    update registry_enterprisefacts f set claims = f.claims - p.dropped
                    from roster_plan p where p.organisation_id = f.organisation_id and p.dropped <> '{{}}'
                """).format()
            )
