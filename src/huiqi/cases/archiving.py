"""The archive package of a case: one zip with everything, an index, and the digest of each file (GB/T 18894 in spirit).

It holds what whoever takes it may see and no more: for the office above, without the name of a withheld complainant.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huiqi.documents.models import Letter
from huiqi.documents.models.letters import DELIVERED, ISSUED
from huiqi.journal import note

from .models import Attachment, Case, CaseClock, Complainant, Entry, FollowUp, Handling, Rating
from .vocabulary import HANDLER, SUPERIOR

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

FORMAT = "huiqi-case-1"


def package(actor: Actor, case: Case) -> bytes:
    """The zip. That it was taken is on record. Raises PermissionDenied for whoever neither handles nor oversees the case."""
    if not any(Case.objects.in_part(actor, part).filter(pk=case.pk).exists() for part in (HANDLER, SUPERIOR)):
        raise PermissionDenied("case files are taken by the office that handles the case and by those above it")
    note(actor.who, "case.archived", about=case, articles=(52,), region=case.region_id)
    kept: dict[str, bytes] = {"case.json": _json(_case(actor, case)), "timeline.json": _json(_timeline(actor, case))}
    for each in Attachment.objects.visible_to(actor).filter(case=case):
        kept[f"attachments/{each.pk:06d}-{each.name}"] = bytes(each.content)
    letters = Letter.objects.visible_to(actor) | Letter.objects.handled_by(actor)
    for letter in letters.filter(about_kind="case", about_id=case.pk, state__in=(ISSUED, DELIVERED)).distinct():
        kept[f"letters/{letter.pk:06d}-{letter.kind}.pdf"] = bytes(letter.file.pdf)
    index = {
        "format": FORMAT,
        "number": case.number,
        "made_at": timezone.now().isoformat(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(kept.items())},
    }
    kept["index.json"] = _json(index)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(kept.items()):
            archive.writestr(name, content)
    return buffer.getvalue()


def faults(content: bytes) -> list[str]:
    """The files of a package that are not as its index says, that it lacks, or that it has besides. Empty when all fit."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        index = json.loads(archive.read("index.json"))
        names = set(archive.namelist()) - {"index.json"}
        wrong = names ^ set(index["files"])
        wrong |= {
            name
            for name, digest in index["files"].items()
            if name in names and hashlib.sha256(archive.read(name)).hexdigest() != digest
        }
    return sorted(wrong)


def _case(actor: Actor, case: Case) -> dict[str, Any]:
    told = Complainant.objects.visible_to(actor).filter(case=case).first()
    withheld = told is None
    return {
        "number": case.number,
        "kind": case.kind,
        "state": case.state,
        "ending": case.ending,
        "channel": case.channel,
        "region": case.region_id,
        "respondent": case.respondent_name,
        "handling": case.handling.name_zh,
        "filed_at": case.filed_at.isoformat(),
        "withheld": case.withheld,
        "complainant": None
        if told is None
        else {"name": told.name, "contact": told.contact, "phone": told.phone, "email": told.email},
        "told": None if withheld else case.told,
        "wish": None if withheld else case.wish,
        "stays": [
            {
                "organ": each.organ.name_zh,
                "since": each.since.isoformat(),
                "until": each.until and each.until.isoformat(),
                "reason": each.reason,
            }
            for each in Handling.objects.visible_to(actor).filter(case=case).select_related("organ")
        ],
        "clocks": [
            {
                "step": each.step,
                "rule": each.rule,
                "starts_on": each.starts_on.isoformat(),
                "due": each.due and each.due.isoformat(),
                "pauses": each.pauses,
                "extension": each.extension,
                "outcome": each.outcome,
            }
            for each in CaseClock.objects.visible_to(actor).filter(case=case)
        ],
        "ratings": [
            # her own words may tell who she is
            {"solved": each.solved, "courtesy": each.courtesy, "comment": None if withheld else each.comment}
            for each in Rating.objects.visible_to(actor).filter(case=case)
        ],
        "follow_ups": list(
            FollowUp.objects.visible_to(actor).filter(case=case).values("step", "solved", "kept", "text")
        ),
    }


def _timeline(actor: Actor, case: Case) -> list[dict[str, Any]]:
    entries = Entry.objects.visible_to(actor).filter(case__in=[case.pk, *case.merged.values_list("pk", flat=True)])
    return [
        {
            "at": each.at.isoformat(),
            "case": each.case_id,
            "kind": each.kind,
            "event": each.event,
            "part": each.part,
            "text": each.text,
            "data": each.data,
        }
        for each in entries.order_by("at", "pk")
    ]


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True).encode()
