"""How notices reach people outside the inbox: what somebody wishes, where she is reached, what was sent, her calendars."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from huiqi.registry.models import Delegation, Membership, Person
from huiqi.registry.permissions import administers_system
from huiqi.rules.words import Words

from ..kinds import ACCOUNT, GROUPS
from .notices import Notice

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

INBOX, EMAIL, SMS = "inbox", "email", "sms"
CHANNELS: dict[str, Words] = {
    INBOX: Words("收件箱", "inbox"),
    EMAIL: Words("电子邮件", "e-mail"),
    SMS: Words("短信", "SMS"),
}
#: The ways that lead outside.
OUTSIDE = (EMAIL, SMS)

QUEUED, SENDING, SENT, FAILED, GIVEN_UP, NOT_SENT, UNKNOWN = (
    "queued",
    "sending",
    "sent",
    "failed",
    "given_up",
    "not_sent",
    "unknown",
)
STATES: dict[str, Words] = {
    QUEUED: Words("排队中", "waiting"),
    SENDING: Words("正在发", "being sent"),
    SENT: Words("已发出", "sent"),
    FAILED: Words("没发成，还会再试", "failed, tried again later"),
    GIVEN_UP: Words("没发成，不再试", "failed, given up"),
    NOT_SENT: Words("没有发", "not sent"),
    UNKNOWN: Words("不知道发没发成", "not known whether it was sent"),
}
#: States of rows that wait for their time.
WAITING = (QUEUED, FAILED)
#: States that the system administrator looks at.
TROUBLED = (FAILED, GIVEN_UP, UNKNOWN)

#: Groups of news that somebody chooses, each for the ways outside. News of the account comes always.
CHOSEN_GROUPS = tuple(group for group in GROUPS if group != ACCOUNT)
IMMEDIATE, DAILY = "immediate", "daily"
DIGESTS: dict[str, Words] = {
    IMMEDIATE: Words("有消息就发", "at once"),
    DAILY: Words("每天一封，早上发", "once a day, in the morning"),
}


class OwnQuerySet(models.QuerySet):
    """Rows that belong to one person."""

    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return self.filter(person=actor.person) if actor.person is not None else self.none()


def _by_default() -> list[str]:
    return list(CHOSEN_GROUPS)


class Preference(models.Model):
    """What somebody wants to be told outside, by which way. Whoever has said nothing gets e-mail about everything, and no SMS."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="sending_preference")
    email = ArrayField(models.CharField(max_length=20), verbose_name="邮件发哪些", default=_by_default, blank=True)
    sms = ArrayField(models.CharField(max_length=20), verbose_name="短信发哪些", default=list, blank=True)
    digest = models.CharField("邮件多久一次", max_length=10, default=IMMEDIATE)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知的选择"
        constraints = (
            models.CheckConstraint(
                name="only_groups_of_news_are_chosen",
                condition=Q(email__contained_by=sorted(CHOSEN_GROUPS), sms__contained_by=sorted(CHOSEN_GROUPS)),
            ),
            models.CheckConstraint(name="a_digest_is_of_a_known_kind", condition=Q(digest__in=sorted(DIGESTS))),
        )

    def __str__(self) -> str:
        return f"{self.person_id}"

    def chosen(self, channel: str) -> list[str]:
        """The groups of news that go by this way."""
        return {EMAIL: self.email, SMS: self.sms}[channel]


class Contact(models.Model):
    """Where somebody is reached by one way. Nothing goes there before she has shown by a code that it is hers."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    channel = models.CharField("方式", max_length=10)
    address = models.CharField("地址或号码", max_length=254)
    code_hash = models.CharField("验证码的散列", max_length=64, blank=True)
    code_expires_at = models.DateTimeField("验证码有效到", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认的时间", null=True, blank=True)

    #: An address is noted nowhere but here.
    journal_hidden = ("address", "code_hash")

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系方式"
        constraints = (
            models.UniqueConstraint(name="a_person_is_reached_in_one_place_by_each_way", fields=("person", "channel")),
            models.CheckConstraint(name="a_contact_is_outside", condition=Q(channel__in=OUTSIDE)),
            models.CheckConstraint(
                name="a_contact_has_an_address_of_one_line",
                condition=~Q(address="") & ~Q(address__regex=r"[[:cntrl:][:space:]]"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.channel}"


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own; for the system administrator also those that did not get through, which name neither content nor
        address."""
        if actor.person is None:
            return self.none()
        own = Q(person=actor.person)
        return self.filter(own | Q(state__in=TROUBLED) if administers_system(actor) else own)

    def due(self, now: dt.datetime) -> Self:
        """Those whose time to be sent has come."""
        return self.filter(state__in=WAITING, due_at__lte=now)


class Dispatch(models.Model):
    """One notice on its way to one person by one channel, and the proof of it.

    ``reason`` is a key of :data:`huiqi.documents.sending.reasons.REASONS` and says why it failed or was not sent: never an
    address, never what a server answered. ``message`` is the key of the message of which it is a part: notices that are due
    at one time go together. ``provider_id`` is the number that whoever carries it gave. ``confirmed_at`` is the time of
    the provider's receipt, ``opened_at`` that at which this person opened the notice in her inbox.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="dispatches")
    person = models.ForeignKey(Person, models.CASCADE, related_name="dispatches")
    channel = models.CharField("方式", max_length=10)
    state = models.CharField("状态", max_length=10, default=QUEUED)
    reason = models.CharField("原因", max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField("试了几次", default=0)
    due_at = models.DateTimeField("什么时候发")
    claimed_at = models.DateTimeField("开始发的时间", null=True, blank=True)
    message = models.UUIDField("哪一封", null=True, blank=True)
    provider_id = models.CharField("承运方的编号", max_length=200, blank=True)
    sent_at = models.DateTimeField("发出的时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("送达的时间", null=True, blank=True)
    opened_at = models.DateTimeField("打开的时间", null=True, blank=True)

    if TYPE_CHECKING:
        notice_id: int
        person_id: int

    #: Who was told of a case at which moment would tell who complains.
    journal_hidden = ("person", "notice")

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知的发送"
        ordering = ("pk",)
        indexes = (
            models.Index(name="dispatches_by_time", fields=("due_at",), condition=Q(state__in=(*WAITING, SENDING))),
            models.Index(name="dispatches_of_a_message", fields=("message",), condition=Q(message__isnull=False)),
            models.Index(name="dispatches_by_state", fields=("state", "channel"), condition=Q(state__in=TROUBLED)),
        )
        constraints = (
            models.UniqueConstraint(
                name="nobody_is_sent_a_notice_twice_by_one_channel", fields=("notice", "person", "channel")
            ),
            models.CheckConstraint(
                name="a_dispatch_has_a_known_state", condition=Q(state__in=sorted(STATES), channel__in=sorted(CHANNELS))
            ),
            models.CheckConstraint(
                name="what_was_sent_has_a_time", condition=Q(state=SENT, sent_at__isnull=False) | ~Q(state=SENT)
            ),
            models.CheckConstraint(
                name="what_is_being_sent_is_claimed",
                condition=~Q(state=SENDING) | Q(claimed_at__isnull=False, message__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.notice_id} {self.channel} {self.state}"

    @property
    def key(self) -> uuid.UUID:
        """The key of its message. ValueError before it has one."""
        if self.message is None:
            raise ValueError("this is not part of a message yet")
        return self.message


class CalendarFeed(models.Model):
    """A secret address of a calendar: the deadlines of one hat of one person. Only the hash of the secret is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="calendar_feeds")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="calendar_feeds", null=True, blank=True)
    delegation = models.ForeignKey(Delegation, models.CASCADE, related_name="calendar_feeds", null=True, blank=True)
    secret_hash = models.CharField("密钥的散列", max_length=64, unique=True)
    made_at = models.DateTimeField("建立的时间", auto_now_add=True)
    revoked_at = models.DateTimeField("收回的时间", null=True, blank=True)

    journal_hidden = ("secret_hash",)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"
        ordering = ("made_at", "pk")
        constraints = (
            models.CheckConstraint(
                name="a_calendar_is_of_one_hat",
                condition=Q(membership__isnull=False, delegation__isnull=True)
                | Q(membership__isnull=True, delegation__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_calendar_for_a_role", fields=("person", "membership"), condition=Q(revoked_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="one_calendar_for_a_delegation",
                fields=("person", "delegation"),
                condition=Q(revoked_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.made_at:%Y-%m-%d}"

    @property
    def hat(self) -> Membership | Delegation:
        """The hat whose deadlines it holds."""
        hat = self.delegation or self.membership
        assert hat is not None
        return hat
