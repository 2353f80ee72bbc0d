"""Notices in the inbox: short, about one thing, with the page where something can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> Self:
        """Notices to oneself, and to the enterprise or the organ for which one acts."""
        if actor.person is None:
            return self.none()
        mine = Q(person=actor.person)
        if actor.own_enterprise is not None:
            mine |= Q(organisation=actor.own_enterprise)
        elif actor.jurisdiction is not None:
            mine |= Q(organisation=actor.organisation)
        return self.filter(mine)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One notice to an organisation or to a person. The words are made when it is read, in the reader's language."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="notices", null=True, blank=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices", null=True, blank=True)
    #: One of :func:`huiqi.documents.kinds.kinds`. ``subject`` names the thing, ``occasion`` makes the notice unique.
    kind = models.CharField("种类", max_length=40)
    subject = models.CharField("对象", max_length=100)
    occasion = models.CharField("缘由", max_length=100, blank=True)
    data = models.JSONField("内容", default=dict, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    #: A notice may tell a sensitive value, and that somebody has a case or a letter whose identity is withheld.
    journal_hidden = ("data", "organisation", "person", "subject")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("organisation", "read_at")), models.Index(fields=("person", "read_at")))
        constraints = (
            models.CheckConstraint(
                name="a_notice_goes_to_one_addressee",
                condition=Q(organisation__isnull=False, person__isnull=True)
                | Q(organisation__isnull=True, person__isnull=False),
            ),
            models.UniqueConstraint(
                name="an_organisation_is_told_a_thing_once",
                fields=("organisation", "kind", "subject", "occasion"),
                condition=Q(organisation__isnull=False),
            ),
            models.UniqueConstraint(
                name="a_person_is_told_a_thing_once",
                fields=("person", "kind", "subject", "occasion"),
                condition=Q(person__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
