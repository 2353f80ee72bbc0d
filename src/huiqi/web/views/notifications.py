"""How notices come to somebody: what she has chosen, where she is reached, what was sent and opened, her calendars."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_GET, require_http_methods

from huiqi.documents.kinds import GROUPS
from huiqi.documents.models import CalendarFeed, Contact, Dispatch, Notice, Preference
from huiqi.documents.models.sending import (
    CHANNELS,
    CHOSEN_GROUPS,
    DIGESTS,
    EMAIL,
    INBOX,
    NOT_SENT,
    SENT,
    SMS,
    STATES,
    TROUBLED,
    UNKNOWN,
)
from huiqi.documents.sending import calendar, channels, contacts, proof
from huiqi.documents.sending.reasons import REASONS
from huiqi.documents.sending.wording import number_of
from huiqi.documents.telling import tell
from huiqi.registry.permissions import Actor, actor_of, administers_system
from huiqi.registry.vocabulary import LANGUAGES, ROLES

from ..limits import within_limit
from .owner import lines_of

PAGE_SIZE = 20
#: So many codes are sent for one person within an hour, and to one address within a day.
MOST_CODES, HOUR = 5, 3600
MOST_CODES_TO, DAY = 5, 24 * 3600
#: So often a code is tried within a quarter of an hour: of a million codes five tries hit one in 200,000.
MOST_TRIES, QUARTER = 5, 15 * 60
MOST_TESTS = 5


class PreferenceForm(forms.Form):
    """Which groups of news come by which way, how often, and in which language."""

    email = forms.MultipleChoiceField(choices=[(group, group) for group in CHOSEN_GROUPS], required=False)
    sms = forms.MultipleChoiceField(choices=[(group, group) for group in CHOSEN_GROUPS], required=False)
    digest = forms.ChoiceField(choices=[(each, each) for each in DIGESTS], required=False)
    language = forms.ChoiceField(choices=[(each, each) for each in LANGUAGES])


class AddressForm(forms.Form):
    """An e-mail address or a number of a mobile telephone, as it is typed."""

    address = forms.CharField(max_length=254, required=False, strip=True)

    def __init__(self, channel: str, data: Any) -> None:
        super().__init__(data, prefix=channel)
        self.channel = channel

    def clean_address(self) -> str:
        try:
            return contacts.read_address(self.channel, self.cleaned_data["address"])
        except contacts.BadAddress as problem:
            if self.channel == EMAIL:
                message = gettext("This is no e-mail address. Write it as name@example.com.")
            else:
                message = gettext("This is no number of a mobile telephone. Write its 11 digits.")
            raise forms.ValidationError(message) from problem


class SentCodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(max_length=20, required=False, strip=True)

    def __init__(self, channel: str, data: Any) -> None:
        super().__init__(data, prefix=channel)


# --- what is chosen ---------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """What comes by which way; where one is reached, confirmed by a code; a test message."""
    actor = actor_of(request)
    assert actor.person is not None
    bad: forms.Form | None = None
    if request.method == "POST":
        bad = _act(request, actor)
        if bad is None:
            return redirect("notifications")
    chosen = Preference.objects.visible_to(actor).first() or Preference(person=actor.person)
    kept = {contact.channel: contact for contact in Contact.objects.visible_to(actor)}
    return render(
        request,
        "web/account/notifications.html",
        {
            "bad": bad,
            "ways": [_way(actor, channel, kept.get(channel), bad) for channel in channels.available()],
            "groups": [
                {"group": group, "words": GROUPS[group], "email": group in chosen.email, "sms": group in chosen.sms}
                for group in CHOSEN_GROUPS
            ],
            "digests": [(each, words, each == chosen.digest) for each, words in DIGESTS.items()],
            "languages": [(each, words, each == actor.person.language) for each, words in LANGUAGES.items()],
            "testable": any(
                contact.confirmed_at for contact in kept.values() if contact.channel in channels.available()
            ),
        },
        status=422 if bad is not None else 200,
    )


def _way(actor: Actor, channel: str, contact: Contact | None, bad: forms.Form | None) -> dict[str, Any]:
    """One way outside with the forms for it."""
    assert actor.person is not None
    typed = bad["address"].value() if isinstance(bad, AddressForm) and bad.channel == channel else ""
    return {
        "channel": channel,
        "words": CHANNELS[channel],
        "email": channel == EMAIL,
        "contact": contact,
        "asked": contact is not None and contact.confirmed_at is None,
        "typed": typed or (actor.person.email if channel == EMAIL and contact is None else "") or "",
        "errors": bad.errors if bad is not None and bad.prefix == channel else {},
        "id": f"id_{channel}-",
    }


def _act(request: HttpRequest, actor: Actor) -> forms.Form | None:
    """Do what was asked for. The form that was not right, if one was not."""
    assert actor.person is not None
    act, channel = request.POST.get("act", ""), request.POST.get("channel", "")
    if act in ("ask", "confirm", "remove") and channel not in channels.available():
        raise PermissionDenied("this way is not set up here")
    match act:
        case "choose" | "":
            return _choose(request, actor)
        case "ask":
            return _ask(request, actor, channel)
        case "confirm":
            return _confirm(request, actor, channel)
        case "remove":
            contacts.remove(actor, channel)
            messages.success(request, gettext("Removed. Nothing is sent there any more."))
        case "test":
            if within_limit("test message", str(actor.person.pk), MOST_TESTS, HOUR):
                tell(actor.who, "test", actor.person, "test", occasion=timezone.now().isoformat())
                messages.success(
                    request, gettext("It is on its way. Below “What was sent” you see what becomes of it.")
                )
            else:
                messages.error(request, gettext("That was tried too often. Try again in an hour."))
        case _:
            raise PermissionDenied(f"{act} is not an act of this page")
    return None


def _choose(request: HttpRequest, actor: Actor) -> forms.Form | None:
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return form
    said, kept = form.cleaned_data, Preference.objects.visible_to(actor).first() or Preference(person=actor.person)
    shown = channels.available()  # of a way that is not set up here nothing was asked
    contacts.choose(
        actor,
        email=said["email"] if EMAIL in shown else kept.email,
        sms=said["sms"] if SMS in shown else kept.sms,
        digest=said["digest"] or kept.digest,
        language=said["language"],
    )
    messages.success(request, gettext("Your choice is kept."))
    return None


def _ask(request: HttpRequest, actor: Actor, channel: str) -> forms.Form | None:
    assert actor.person is not None
    form = AddressForm(channel, request.POST)
    if not form.is_valid():
        return form
    address = form.cleaned_data["address"]
    if not (
        within_limit("code for", str(actor.person.pk), MOST_CODES, HOUR)
        and within_limit("code to", address, MOST_CODES_TO, DAY)
    ):
        form.add_error("address", gettext("Many codes were asked for. Nothing was sent. Try again later."))
        return form
    try:
        contacts.ask(actor, channel, address)
    except channels.NotSent:
        form.add_error("address", gettext("The code could not be sent. Try again later."))
        return form
    except channels.NotKnown:
        messages.info(
            request, gettext("It is not known whether the code was sent. If none comes, ask for another one.")
        )
        return None
    messages.success(request, gettext("A code is on its way. Enter it here within 15 minutes."))
    return None


def _confirm(request: HttpRequest, actor: Actor, channel: str) -> forms.Form | None:
    assert actor.person is not None
    form = SentCodeForm(channel, request.POST)
    form.is_valid()
    if not within_limit(f"sent code {channel}", str(actor.person.pk), MOST_TRIES, QUARTER):
        form.add_error("code", gettext("That was tried too often. Wait a quarter of an hour, then try again."))
        return form
    try:
        contacts.confirm(actor, channel, form.cleaned_data.get("code", ""))
    except contacts.WrongCode:
        form.add_error("code", gettext("This code does not fit, or its time is over. Have a new one sent."))
        return form
    messages.success(request, gettext("Confirmed. Notices come there from now on, as you choose below."))
    return None


# --- what was sent ----------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def sent_notices(request: HttpRequest) -> HttpResponse:
    """For each notice by which ways it went to this person, whether it arrived, and when she opened it."""
    actor = actor_of(request)
    mine = Dispatch.objects.visible_to(actor).filter(person=actor.person)
    page = Paginator(Notice.objects.visible_to(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    of_notice: dict[int, list[Dispatch]] = {}
    for each in mine.filter(notice__in=[notice.pk for notice in page]).order_by("pk"):
        of_notice.setdefault(each.notice_id, []).append(each)
    lines = [
        {
            **line,
            "number": number_of(notice),
            "ways": [_sent(each) for each in of_notice.get(notice.pk, [])],
            "opened": _opened(of_notice.get(notice.pk)),
        }
        for notice, line in zip(page, lines_of(page), strict=True)
    ]
    return render(request, "web/account/sent_notices.html", {"page": page, "lines": lines})


def _opened(dispatches: list[Dispatch] | None) -> Any:
    return next((each.opened_at for each in dispatches or () if each.opened_at), None)


def _sent(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "dispatch": dispatch,
        "channel": CHANNELS[dispatch.channel],
        "state": STATES[dispatch.state],
        "reason": REASONS.get(dispatch.reason),
        "good": dispatch.state == SENT,
        "bad": dispatch.state in TROUBLED,
        "kept": dispatch.state == NOT_SENT,
        "inbox": dispatch.channel == INBOX,
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def troubles(request: HttpRequest) -> HttpResponse:
    """What did not get through, as numbers and reasons; the system administrator has it sent again."""
    actor = actor_of(request)
    if not administers_system(actor):
        raise PermissionDenied("a page of the system administrator")
    if request.method == "POST":
        sent = request.POST
        number = proof.try_again(actor, sent.get("channel", ""), sent.get("state", ""), sent.get("reason", ""))
        if number:
            messages.success(request, gettext("They are sent again, each judged anew before."))
        return redirect("admin_sending")
    rows = [
        {
            "trouble": each,
            "channel": CHANNELS[each.channel],
            "state": STATES[each.state],
            "reason": REASONS.get(each.reason),
            "twice": each.state == UNKNOWN,
        }
        for each in proof.troubles(actor)
    ]
    return render(request, "web/admin/sending.html", {"section": "admin", "rows": rows, "ways": channels.available()})


# --- calendars --------------------------------------------------------------------------------------------------------


@never_cache
@cache_control(no_transform=True)
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_feeds(request: HttpRequest) -> HttpResponse:
    """The secret addresses of one's calendars: make one for the role that is worn, renew it, revoke it."""
    actor = actor_of(request)
    address = ""
    if request.method == "POST":
        number = request.POST.get("revoke", "")
        if number:
            try:
                calendar.revoke(actor, int(number) if number.isdigit() else 0)
            except CalendarFeed.DoesNotExist as problem:
                raise Http404("no such calendar") from problem
            messages.success(request, gettext("Revoked. The address answers nobody any more."))
            return redirect("calendar_feeds")
        if actor.hat is None:
            raise PermissionDenied("a calendar is that of a role")
        _, secret = calendar.make(actor)
        path = reverse("calendar_feed", args=[secret])
        address = f"{settings.HUIQI_URL}{path}" if settings.HUIQI_URL else request.build_absolute_uri(path)
    feeds = CalendarFeed.objects.visible_to(actor).filter(revoked_at__isnull=True)
    feeds = feeds.select_related("membership__organisation", "delegation__organisation")
    lines = [
        {"feed": each, "hat": each.hat, "role": ROLES[each.hat.role], "worn": each.hat == actor.hat} for each in feeds
    ]
    return render(
        request,
        "web/account/calendar.html",
        {
            "lines": lines,
            "hat": actor.hat,
            "role": ROLES[actor.hat.role] if actor.hat is not None else None,
            "again": any(line["worn"] for line in lines),
            "address": address,
        },
    )


@cache_control(private=True, no_transform=True, max_age=900)
@require_GET
@conditional_page
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar at a secret address, whoever asks; 404 for one that has ended as for one that never was."""
    actor = calendar.actor_of_secret(secret)
    if actor is None or actor.person is None:
        raise Http404("no such calendar")
    response = HttpResponse(calendar.written(actor, actor.person.language), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="huiqi.ics"'
    return response
