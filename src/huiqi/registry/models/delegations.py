"""Delegations of an enterprise to an agent, and invitations: one-time codes by which somebody comes to act for it."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q

from .. import vocabulary
from ..queries import DateRange, DelegationQuerySet, InvitationQuerySet
from ..vocabulary import AGENT, DELEGATE, OWNER, READ_FACTS, SCOPE_NEEDS, SCOPES
from .organisations import Organisation
from .people import Person

_SCOPE = models.CharField(max_length=20, choices=vocabulary.choices(SCOPES))
_NEEDS_READING = sorted(scope for scope, needed in SCOPE_NEEDS.items() if needed == READ_FACTS)


def _scopes_are_sound(allowed_when: Q) -> Q:
    """Scopes are known ones, at least one, and whoever declares or applies also reads."""
    known = Q(scopes__contained_by=sorted(SCOPES), scopes__len__gt=0)
    return allowed_when | (known & (~Q(scopes__overlap=_NEEDS_READING) | Q(scopes__contains=[READ_FACTS])))


class Delegation(models.Model):
    """An enterprise lets a person, or an agency, act for it: in these scopes, from ``start`` to ``end``, both included.

    The terms of one delegation never change: a change ends it and makes the next, which ``follows`` it, so that what an
    agent might do on any day can be told afterwards. The firm may end it at any moment (Civil Code, article 173).
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="delegations")
    agent = models.ForeignKey(Person, models.PROTECT, related_name="delegations", null=True, blank=True)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="delegated", null=True, blank=True)
    scopes = ArrayField(_SCOPE, verbose_name="范围")
    start = models.DateField("开始日期")
    end = models.DateField("结束日期")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="given_delegations")
    given_at = models.DateTimeField("授权时间", auto_now_add=True)
    follows = models.OneToOneField("self", models.PROTECT, related_name="followed_by", null=True, blank=True)
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="ended_delegations", null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    role = DELEGATE

    class Meta:
        verbose_name = verbose_name_plural = "委托代理"
        ordering = ("start", "pk")
        constraints = (
            models.CheckConstraint(
                name="a_delegation_is_to_a_person_or_to_an_agency",
                condition=Q(agent__isnull=False, agency__isnull=True) | Q(agent__isnull=True, agency__isnull=False),
            ),
            models.CheckConstraint(
                name="nobody_delegates_to_itself", condition=Q(agency__isnull=True) | ~Q(agency=F("organisation"))
            ),
            models.CheckConstraint(name="a_delegation_does_not_end_before_it_begins", condition=Q(end__gte=F("start"))),
            models.CheckConstraint(name="a_delegation_has_sound_scopes", condition=_scopes_are_sound(Q())),
            models.CheckConstraint(
                name="whoever_ends_a_delegation_is_known",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            ExclusionConstraint(
                name="one_delegation_to_a_person_at_a_time",
                expressions=(
                    ("organisation", RangeOperators.EQUAL),
                    ("agent", RangeOperators.EQUAL),
                    (DateRange("start", "end"), RangeOperators.OVERLAPS),
                ),
                condition=Q(ended_at__isnull=True),
            ),
            ExclusionConstraint(
                name="one_delegation_to_an_agency_at_a_time",
                expressions=(
                    ("organisation", RangeOperators.EQUAL),
                    ("agency", RangeOperators.EQUAL),
                    (DateRange("start", "end"), RangeOperators.OVERLAPS),
                ),
                condition=Q(ended_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} → {self.agent or self.agency}"

    def active_on(self, day: dt.date) -> bool:
        """Whether somebody may act under it on this day."""
        return self.ended_at is None and self.start <= day <= self.end

    @property
    def key(self) -> str:
        """How a session and a form name the hat that it gives."""
        return f"d{self.pk}"


class Invitation(models.Model):
    """A one-time code: whoever enters it comes to act for the enterprise, as its owner or agent or by a delegation.

    The owner of the firm makes it, which is the confirmation of the firm's legal representative; or an officer of the
    SME authority who has seen her papers, for the legal representative herself. Only a hash of the code is kept.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    role = models.CharField("角色", max_length=20)
    scopes = ArrayField(_SCOPE, verbose_name="范围", default=list, blank=True)
    start = models.DateField("开始日期", null=True, blank=True)
    end = models.DateField("结束日期", null=True, blank=True)
    for_whom = models.CharField("给谁", max_length=60)
    code_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="made_invitations")
    made_for = models.ForeignKey(Organisation, models.PROTECT, related_name="made_invitations")
    made_at = models.DateTimeField("发出时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效期至")
    accepted_by = models.ForeignKey(Person, models.PROTECT, related_name="accepted_invitations", null=True, blank=True)
    accepted_at = models.DateTimeField("接受时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, models.PROTECT, related_name="withdrawn_invitations", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    journal_hidden = ("code_hash",)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "邀请"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="one_is_invited_as_owner_agent_or_delegate", condition=Q(role__in=(OWNER, AGENT, DELEGATE))
            ),
            models.CheckConstraint(
                name="an_invitation_to_a_delegation_has_its_terms",
                condition=_scopes_are_sound(~Q(role=DELEGATE))
                & (Q(~Q(role=DELEGATE), scopes=[], start=None, end=None) | Q(role=DELEGATE, end__gte=F("start"))),
            ),
            models.CheckConstraint(
                name="an_invitation_is_accepted_or_withdrawn_not_both",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="nobody_accepts_her_own_invitation",
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("made_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} ← {self.for_whom}"
