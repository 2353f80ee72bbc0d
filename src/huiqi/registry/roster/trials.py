"""Importing a roster in two steps: a trial that says what would happen, then a yes to exactly that.

The bytes that were tried are kept in the database, so that every process can confirm them, for the person and the organ
that tried them alone, for an hour at most. The confirmation holds the trial's row: of two at once the second finds the
import made. It is checked and planned anew, and when the plan has changed since nothing is written: the person looks at
the new one first.
"""

from __future__ import annotations

import datetime as dt
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from ..models import RosterTrial
from ..names import bare_file_name
from .area import Area
from .importer import RosterReport, import_roster
from .limits import Limits

if TYPE_CHECKING:
    from ..permissions import Actor

#: So long a trial may be confirmed, and its list of problems be read.
KEPT = dt.timedelta(hours=1)

#: What became of a confirmation: it is imported now, or was before; the plan is another one by now; there is nothing (any
#: more) to import.
IMPORTED, ALREADY, CHANGED, NOT_IMPORTED = "imported", "already", "changed", "not_imported"


def upload_limits() -> Limits:
    """What the pages take: a roster of 50,000 enterprises with every fact, as a workbook or a CSV file."""
    return Limits(
        bytes=settings.HUIQI_UPLOAD_LIMIT, rows=200_000, cells=10_000_000, unpacked=512 * 1024**2, parquet=False
    )


def begin(actor: Actor, file: IO[bytes], name: str) -> RosterTrial:
    """Try a file, and keep it when it may be imported. An earlier trial of the same person and organ is given up.

    Raises PermissionDenied for whoever may not import.
    """
    area = Area.of(actor)
    assert actor.person is not None and actor.organisation is not None
    forget_old()
    report = import_roster(
        file, by=actor.person, organisation=actor.organisation, limits=upload_limits(), within=area
    )  # fmt: skip
    trial = RosterTrial(
        by=actor.person,
        organisation=actor.organisation,
        file_name=bare_file_name(name)[-255:],
        sha256=report.sha256,
        expires_at=timezone.now() + KEPT,
    )
    _take(trial, report)
    if trial.state == "waiting":
        file.seek(0)
        trial.content = file.read()
    with transaction.atomic():
        RosterTrial.objects.filter(
            by=actor.person, organisation=actor.organisation, roster_import__isnull=True
        ).delete()  # fmt: skip
        trial.save()
    return trial


def confirm(actor: Actor, trial_id: int) -> str:
    """Import what was tried, and say what became of it: IMPORTED, ALREADY, CHANGED or NOT_IMPORTED.

    Raises RosterTrial.DoesNotExist when the actor has no such trial (any more), PermissionDenied for whoever may not
    import.
    """
    area = Area.of(actor)
    with transaction.atomic():
        trial = RosterTrial.objects.visible_to(actor).select_for_update().get(pk=trial_id)
        if trial.state == "imported":
            return ALREADY
        if trial.content is None:
            return NOT_IMPORTED
        tried = (trial.new, trial.updated, trial.unchanged)
        try:
            with transaction.atomic():
                report = import_roster(
                    ContentFile(bytes(trial.content), name=trial.file_name),
                    by=actor.person,
                    organisation=actor.organisation,
                    dry_run=False,
                    limits=upload_limits(),
                    within=area,
                )
                if report.written and (report.new, report.updated, report.unchanged) != tried:
                    raise _AnotherPlan(report)
        except _AnotherPlan as found:
            report, outcome = found.report, CHANGED
        else:
            trial.roster_import = report.roster_import
            outcome = IMPORTED if report.written else NOT_IMPORTED
        _take(trial, report)
        if trial.state != "waiting":
            trial.content = None
        trial.save()
        return outcome


def give_up(actor: Actor, trial_id: int) -> None:
    """Forget a trial and its file. Raises RosterTrial.DoesNotExist when the actor has none that is not imported."""
    with transaction.atomic():
        trial = RosterTrial.objects.visible_to(actor).defer("content", "problems").select_for_update().get(pk=trial_id)
        if trial.roster_import_id is not None:
            raise RosterTrial.DoesNotExist(trial_id)
        trial.delete()


def forget_old() -> int:
    """Delete trials whose time is over, with their files; how many there were."""
    return RosterTrial.objects.filter(expires_at__lte=timezone.now()).delete()[0]


class _AnotherPlan(Exception):
    """The enterprises on file have changed since the trial, so that the import would do something else."""

    def __init__(self, report: RosterReport) -> None:
        self.report = report
        super().__init__("the plan is another one by now")


def _take(trial: RosterTrial, report: RosterReport) -> None:
    problems = report.problems
    trial.rows, trial.new, trial.updated, trial.unchanged = report.rows, report.new, report.updated, report.unchanged
    trial.errors, trial.bad_rows, trial.warnings = problems.errors, report.bad_rows, problems.warnings
    trial.problems = [problem.as_json() for problem in problems]
