"""Policies published on the platform: each version is kept as it was, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Organisation, Person

from .drafts import Draft

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


class PublishedPolicyQuerySet(models.QuerySet["PublishedPolicy"]):
    def visible_to(self, actor: Actor) -> Self:
        """What is published is public."""
        return self

    def current(self) -> Self:
        """The latest version of each policy."""
        latest = PublishedPolicy.objects.filter(policy_id=models.OuterRef("policy_id")).order_by("-version")
        return self.filter(pk=models.Subquery(latest.values("pk")[:1]))


class PublishedPolicy(models.Model):
    """One version of a policy. ``content`` has the form of a policy file; rows are never changed nor deleted."""

    policy_id = models.SlugField("政策编号", max_length=60)
    version = models.PositiveIntegerField("版本")
    content = models.JSONField("内容")
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="published", null=True, blank=True)
    organ = models.ForeignKey(Organisation, models.PROTECT, verbose_name="发布机关", related_name="published_policies")
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="发布人", related_name="published_policies")
    published_at = models.DateTimeField("发布时间", auto_now_add=True)
    reached = models.JSONField("发布时的测算", default=dict, blank=True)

    objects = PublishedPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已发布政策"
        ordering = ("policy_id", "-version")
        constraints = (
            models.UniqueConstraint(name="a_version_of_a_policy_is_published_once", fields=("policy_id", "version")),
            models.CheckConstraint(name="versions_count_from_one", condition=Q(version__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.version}"
