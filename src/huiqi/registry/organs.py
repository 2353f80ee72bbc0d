"""Organs and other bodies (banks, guarantors, agencies, associations), as the system administrator keeps them.

Enterprises are not among them: they come with rosters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError

from huiqi.journal import act

from .models import Organisation
from .permissions import administers_system
from .reasons import given_reason
from .vocabulary import ENTERPRISE, ORGAN

if TYPE_CHECKING:
    from .permissions import Actor

#: What of an organisation is kept by hand.
KEPT = (
    "kind",
    "name_zh",
    "name_en",
    "uscc",
    "region",
    "organ_function",
    "is_bingtuan",
    "superior",
    "active_from",
    "active_to",
)


def save(actor: Actor, organisation_id: int | None, values: Mapping[str, Any], reason: str) -> Organisation:
    """Make an organisation (``None``) or change one. ``values`` are those of :data:`KEPT` that are to be as given.

    Raises PermissionDenied for whoever is not the system administrator and for an enterprise, Organisation.DoesNotExist,
    ValidationError with a message a field (by the code of what is wrong), ValueError without a reason.
    """
    given = given_reason(reason)
    if not administers_system(actor):
        raise PermissionDenied("organs are the system administrator's")
    with act(actor.who, "organ.made" if organisation_id is None else "organ.changed", reason=given) as this:
        kept = Organisation.objects.exclude(kind=ENTERPRISE).select_for_update(of=("self",))
        organisation = Organisation() if organisation_id is None else kept.get(pk=organisation_id)
        for name in KEPT:
            if name in values:
                setattr(organisation, name, values[name])
        if organisation.kind == ENTERPRISE:
            raise PermissionDenied("enterprises come with rosters")
        _check(organisation)
        organisation.save()
        this.about(organisation)
        this.subject, this.region = organisation.pk, organisation.region_id or ""
    return organisation


def _check(organisation: Organisation) -> None:
    """What the database would refuse as well, and a line of superiors that comes back to itself. Raises ValidationError."""
    faults: dict[str, ValidationError] = {}

    def fault(field: str, code: str) -> None:
        faults[field] = ValidationError(code, code=code)

    is_organ = organisation.kind == ORGAN
    if not organisation.name_zh:
        fault("name_zh", "no_name")
    if is_organ and not organisation.organ_function:
        fault("organ_function", "no_function")
    if is_organ and organisation.region is None:
        fault("region", "no_region")
    if not is_organ and not organisation.uscc:
        fault("uscc", "no_code")
    if organisation.uscc and Organisation.objects.filter(uscc=organisation.uscc).exclude(pk=organisation.pk).exists():
        fault("uscc", "code_taken")
    if organisation.superior is not None and (
        organisation.superior == organisation or organisation in organisation.superior.superior_organs()
    ):
        fault("superior", "circle")
    if organisation.active_from and organisation.active_to and organisation.active_to < organisation.active_from:
        fault("active_to", "ends_before_it_begins")
    if faults:
        raise ValidationError(faults)
    if not is_organ:
        organisation.organ_function, organisation.superior, organisation.is_bingtuan = None, None, False
