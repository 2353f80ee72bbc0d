"""People, and the roles (hats) that they have in organisations."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from huiqi.journal import Who, act

from .. import vocabulary
from ..queries import DateRange, MembershipQuerySet, PersonQuerySet
from .organisations import Organisation

if TYPE_CHECKING:
    from ..permissions import Hat


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """Makes people, and finds them by login name or e-mail address, in whatever case it is typed."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this login name or e-mail address. Raises ``Person.DoesNotExist``."""
        typed = (username or "").strip().lower()
        found: Person = self.get(Q(email=typed) if "@" in typed else Q(login_name=typed))
        return found

    def create_user(
        self,
        login_name: str | None = None,
        password: str | None = None,
        *,
        email: str | None = None,
        **fields: Any,
    ) -> Person:
        """A person who can log in; without a password she cannot until one is set."""
        person: Person = self.model(login_name=login_name, email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, login_name: str | None = None, password: str | None = None, **fields: Any) -> Person:
        """A person who runs the system. Being one gives no sight of facts: that takes a hat."""
        return self.create_user(login_name, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in, by e-mail address or login name.

    Only what is needed to log in and to be addressed is kept: no identity number, no ethnicity, no date of birth.
    """

    login_name = models.CharField("登录名", max_length=60, unique=True, null=True, blank=True)
    email = models.EmailField("电子邮箱", unique=True, null=True, blank=True)
    display_name = models.CharField("姓名", max_length=60)
    language = models.CharField(
        "语言", max_length=10, choices=vocabulary.choices(vocabulary.LANGUAGES), default="zh-hans"
    )
    is_active = models.BooleanField("启用", default=True)
    lock_reason = models.CharField("停用理由", max_length=500, blank=True)
    is_staff = models.BooleanField("可进入后台", default=False)
    joined_at = models.DateTimeField("注册时间", default=timezone.now, editable=False)

    #: Signing in is an event of its own; that a password changed is noted, and never what it is.
    journal_hidden = ("password",)
    journal_ignored = ("last_login",)

    USERNAME_FIELD = "login_name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]  # noqa: RUF012  (Django's own check asks for a list)

    objects = PersonManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = (
            models.CheckConstraint(
                name="a_person_logs_in_by_login_name_or_email",
                condition=Q(login_name__isnull=False) | Q(email__isnull=False),
            ),
            models.CheckConstraint(
                name="a_login_name_is_lower_case_and_no_email_address",
                condition=Q(login_name__isnull=True)
                | Q(Q(login_name=Lower("login_name")), ~Q(login_name__contains="@"), ~Q(login_name="")),
            ),
            models.CheckConstraint(
                name="an_email_address_is_lower_case",
                condition=Q(email__isnull=True) | Q(email=Lower("email"), email__contains="@"),
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.get_username()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store both names in lower case, so that nobody can register a second time in another case."""
        self.login_name = self.login_name.strip().lower() or None if self.login_name else None
        self.email = self.email.strip().lower() or None if self.email else None
        super().save(*args, **kwargs)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. One that was kept under an older hash is kept under the present one."""

        def renew(given: str) -> None:
            with act(Who(person=self.pk), "person.password_renewed", about=self):
                self.set_password(given)
                self._password = None
                self.save(update_fields=["password"])

        return raw_password is not None and check_password(raw_password, self.password, renew)

    def clean(self) -> None:
        self.login_name = self.login_name.strip().lower() or None if self.login_name else None
        self.email = self.email.strip().lower() or None if self.email else None

    def get_username(self) -> str:
        return self.login_name or self.email or ""

    def hats(self, day: dt.date) -> list[Hat]:
        """What one may wear on this day, with the organisations: the roles held, oldest first, then the delegations."""
        from .delegations import Delegation  # delegations refer to people

        held = list(self.memberships.active_on(day).select_related("organisation__region").order_by("start", "pk"))
        return [*held, *Delegation.objects.held_by(self, day, held)]


_HELD = {role: vocabulary.ROLES[role] for role in vocabulary.HELD_ROLES}


class Membership(models.Model):
    """A hat: a person's role in an organisation, from ``start`` to ``end``, both days included.

    One that somebody has ended is over at that moment, whatever its last day.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField("角色", max_length=20, choices=vocabulary.choices(_HELD))
    start = models.DateField("开始日期")
    end = models.DateField("结束日期", null=True, blank=True)
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="ended_memberships", null=True, blank=True)
    end_reason = models.CharField("终止理由", max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "身份"
        ordering = ("start", "pk")
        constraints = (
            models.CheckConstraint(name="a_hat_has_a_known_role", condition=Q(role__in=vocabulary.HELD_ROLES)),
            models.CheckConstraint(
                name="a_hat_does_not_end_before_it_begins",
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
            ),
            ExclusionConstraint(
                name="nobody_holds_the_same_hat_twice_at_a_time",
                expressions=(
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange("start", "end"), RangeOperators.OVERLAPS),
                ),
                condition=Q(ended_at__isnull=True),
            ),
            ExclusionConstraint(
                name="nobody_holds_two_of_the_three_administrators_roles",
                expressions=(
                    ("person", RangeOperators.EQUAL),
                    ("role", RangeOperators.NOT_EQUAL),
                    (DateRange("start", "end"), RangeOperators.OVERLAPS),
                ),
                condition=Q(ended_at__isnull=True, role__in=sorted(vocabulary.ADMINISTRATORS)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {vocabulary.ROLES[self.role].zh} {self.organisation}"

    def active_on(self, day: dt.date) -> bool:
        """Whether the hat is held on this day; its last day counts, unless somebody ended it."""
        return self.ended_at is None and self.start <= day and (self.end is None or day <= self.end)

    @property
    def key(self) -> str:
        """How a session and a form name this hat."""
        return str(self.pk)
