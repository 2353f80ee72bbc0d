"""A visitor's answers, saved when she registers, so that she is told when something begins to apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from huiqi.registry.models import Person

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor


class ProfileQuerySet(models.QuerySet["Profile"]):
    def visible_to(self, actor: Actor) -> Self:
        """A profile is its owner's alone."""
        return self.filter(person=actor.person) if actor.person is not None else self.none()


class Profile(models.Model):
    """The answers of a person who may not yet act for a firm on file. ``answers`` maps fact names to JSON values."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="profile")
    answers = models.JSONField("回答", default=dict, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    #: What somebody said of her firm is hers alone.
    journal_hidden = ("answers",)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保存的回答"
        constraints = (
            models.CheckConstraint(name="answers_of_a_profile_are_an_object", condition=Q(answers__contains={})),
        )

    def __str__(self) -> str:
        return str(self.person)
