"""Who acts for a firm: its owner sees and says it. People, invitations, delegations and their history; using a code."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.documents import decisions
from huiqi.registry import delegating, inviting
from huiqi.registry.hats import AlreadyHeld, LastOwner, decides, waiting_for
from huiqi.registry.models import Delegation, Invitation, Membership, Person
from huiqi.registry.permissions import Actor, actor_of, wear_hat
from huiqi.registry.vocabulary import DELEGATE, OWNER, ROLES, SCOPES

from ..forms import AgencyForm, InviteForm, JoinForm, OwnerCodeForm, ReasonForm, TermsForm
from ..limits import within_limit
from ..sentences import say
from .finder import today

#: So many codes are tried by one person, and from one address, within an hour.
MOST_CODES, MOST_CODES_FROM, HOUR = 10, 40, 3600


def firm_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who is at home in a firm. PermissionDenied for everybody else."""
    actor = actor_of(request)
    if actor.runs_firm is None:
        raise PermissionDenied("a page for the people of a firm")
    return actor


def owner_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who owns a firm. PermissionDenied for everybody else."""
    actor = actor_of(request)
    if not inviting.invites(actor):
        raise PermissionDenied("a page for the owner of a firm")
    return actor


@never_cache
@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Who acts for my firm: its people, the codes that are out, its delegations, and what is over."""
    actor = firm_actor(request)
    on = today()
    hats = Membership.objects.visible_to(actor).filter(organisation=actor.runs_firm)
    hats = hats.select_related("person", "ended_by").order_by("start", "pk")
    delegations = Delegation.objects.visible_to(actor).filter(organisation=actor.runs_firm)
    delegations = delegations.select_related("agent", "agency", "ended_by")
    invitations = Invitation.objects.visible_to(actor)
    now = [hat for hat in hats if hat.active_on(on)]
    owners = [hat for hat in now if hat.role == OWNER]
    return render(
        request,
        "web/people/list.html",
        {
            "firm": actor.organisation,
            "may_change": inviting.invites(actor),
            "hats": [
                {"hat": hat, "role": ROLES[hat.role], "me": hat.person == actor.person, "only": owners == [hat]}
                for hat in now
            ],
            "delegations": [_line(each) for each in delegations if each.ended_at is None and each.end >= on],
            "open": [{"invitation": each, "role": ROLES[each.role]} for each in invitations.open()],
            "asking": waiting_for(actor).count(),
            "past_hats": [{"hat": hat, "role": ROLES[hat.role]} for hat in hats if not hat.active_on(on)],
            "past_delegations": [_line(each) for each in delegations if each.ended_at is not None or each.end < on],
        },
    )


def _line(delegation: Delegation) -> dict[str, Any]:
    """A delegation with its words."""
    agent = delegation.agent or delegation.agency
    assert agent is not None
    return {
        "delegation": delegation,
        "who": agent.display_name if isinstance(agent, Person) else agent.name,
        "scopes": [SCOPES[scope] for scope in SCOPES if scope in delegation.scopes],
        "to_come": delegation.start > today(),
    }


def _scopes(form: TermsForm, chosen: list[str] | None = None) -> list[tuple[str, Any, bool]]:
    """The scopes with their words, and whether each is ticked."""
    ticked = form["scopes"].value() or () if form.is_bound else chosen or ()
    return [(scope, words, scope in ticked) for scope, words in SCOPES.items()]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person: the code is shown once, and given to her."""
    actor = owner_actor(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            invitation, code = inviting.invite(
                actor,
                said["role"],
                said["for_whom"],
                today(),
                scopes=said["scopes"],
                start=said["start"],
                end=said["end"],
            )
        except delegating.BadTerms as problem:
            form.refuse(problem)
        else:
            return _show_code(request, invitation, code)
    return render(
        request,
        "web/people/invite.html",
        {
            "form": form,
            "roles": [(role, ROLES[role]) for role in (OWNER, "agent", DELEGATE)],
            "scopes": _scopes(form),
            "today": today(),
        },
        status=422 if form.is_bound else 200,
    )


def _show_code(request: HttpRequest, invitation: Invitation, code: str) -> HttpResponse:
    return render(
        request,
        "web/people/code.html",
        {"invitation": invitation, "code": code, "role": ROLES[invitation.role], "line": _terms(invitation)},
    )


def _terms(invitation: Invitation) -> list[Any]:
    return [SCOPES[scope] for scope in SCOPES if scope in invitation.scopes]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agency(request: HttpRequest) -> HttpResponse:
    """Delegate to an agency, by its credit code."""
    actor = owner_actor(request)
    form = AgencyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = delegating.delegate_to_agency(
                actor, said["code"], said["scopes"], said["start"], said["end"], today()
            )
        except delegating.BadTerms as problem:
            form.refuse(problem)
        except delegating.NoAgency:
            form.add_error("code", gettext("No agency here has this code. Compare it with its licence."))
        except delegating.Overlapping:
            form.add_error("code", gettext("This agency has a delegation for some of these days. Change that one."))
        else:
            assert made.agency is not None
            messages.success(request, gettext("%(name)s may act for you now.") % {"name": say(made.agency.name)})
            return redirect("people")
    return render(
        request,
        "web/people/agency.html",
        {"form": form, "scopes": _scopes(form), "today": today()},
        status=422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """One delegation with its history; its owner changes or ends it, its agent gives it up."""
    actor = actor_of(request)
    found = Delegation.objects.visible_to(actor).select_related("organisation", "agent", "agency", "given_by")
    shown = found.filter(pk=pk).first()
    if shown is None:
        raise Http404(pk)
    lasts = shown.ended_at is None and shown.end >= today()
    owns = inviting.invites(actor) and actor.runs_firm == shown.organisation_id
    agent = shown.agent == actor.person or (actor.role == OWNER and actor.organisation == shown.agency)
    changing = request.method == "POST" and request.POST.get("act") == "change"
    form = TermsForm(request.POST if changing else None)
    try:
        if changing and form.is_valid():
            changed = decisions.change_delegation(
                actor, pk, form.cleaned_data["scopes"], form.cleaned_data["end"], today()
            )
            messages.success(request, gettext("Changed. It counts at once."))
            return redirect("delegation", changed.pk)
        if request.method == "POST" and not changing:
            decisions.end_delegation(actor, pk, today())
            messages.success(request, gettext("Ended. It no longer counts, from this moment."))
            return redirect("people" if owns else "hats")
    except delegating.BadTerms as problem:
        form.refuse(problem)
    except Delegation.DoesNotExist as problem:
        raise Http404(pk) from problem
    return render(
        request,
        "web/people/delegation.html",
        {
            **_line(shown),
            "form": form,
            "lasts": lasts,
            "owns": owns,
            "may_give_up": agent and not owns,
            "scope_boxes": _scopes(form, shown.scopes),
            "history": [_line(each) for each in _history(shown)],
        },
        status=422 if form.is_bound else 200,
    )


def _history(delegation: Delegation) -> list[Delegation]:
    """The delegations before this one, the latest first."""
    before: list[Delegation] = []
    while delegation.follows is not None:
        delegation = delegation.follows
        before.append(delegation)
    return before


@never_cache
@login_required
@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a code back that was not used."""
    actor = actor_of(request)
    try:
        inviting.withdraw(actor, pk)
    except Invitation.DoesNotExist as problem:
        raise Http404(pk) from problem
    messages.success(request, gettext("Withdrawn. The code no longer works."))
    return redirect("people" if inviting.invites(actor) else "requests")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_hat(request: HttpRequest, pk: int) -> HttpResponse:
    """End the role of somebody in my firm, with a reason that she reads."""
    actor = owner_actor(request)
    hats = Membership.objects.visible_to(actor).filter(organisation=actor.runs_firm, ended_at__isnull=True)
    hat = hats.filter(pk=pk).select_related("person").first()
    if hat is None:
        raise Http404(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            decisions.end_hat(actor, pk, form.cleaned_data["reason"])
        except LastOwner:
            form.add_error(
                "reason", gettext("You are the only owner here. Invite another one first, then end your own role.")
            )
        except Membership.DoesNotExist as problem:
            raise Http404(pk) from problem
        else:
            messages.success(request, gettext("Ended. It no longer counts, from this moment."))
            return redirect("hats" if hat.person == actor.person else "people")
    return render(
        request,
        "web/people/end.html",
        {"hat": hat, "role": ROLES[hat.role], "form": form},
        status=422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Use a code that a firm, or the SME authority, gave."""
    actor = actor_of(request)
    assert actor.person is not None
    form = JoinForm(request.POST if request.method == "POST" else None)
    limited = form.is_bound and not (
        within_limit("join", str(actor.person.pk), MOST_CODES, HOUR)
        and within_limit("join from", get_client_ip_address(request) or "", MOST_CODES_FROM, HOUR)
    )
    if form.is_bound and not limited and form.is_valid():
        try:
            accepted = decisions.accept_code(actor, form.cleaned_data["code"], today())
        except inviting.UnknownCode:
            form.add_error(
                "code", gettext("No such code is open. It counts once and for a week; ask for a new one, or check it.")
            )
        except inviting.OwnCode:
            form.add_error("code", gettext("You made this code. It is for somebody else."))
        except (AlreadyHeld, delegating.Overlapping):
            form.add_error("code", gettext("You act for this firm already. Choose it under “Change role”."))
        else:
            name = say(accepted.invitation.organisation.name)
            if accepted.hat.active_on(timezone.localdate()):
                wear_hat(request, accepted.hat.key)
            messages.success(request, gettext("You act for %(name)s now.") % {"name": name})
            return redirect("hats")
    return render(
        request,
        "web/people/join.html",
        {"form": form, "limited": limited},
        status=429 if limited else 422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def owner_code(request: HttpRequest) -> HttpResponse:
    """An officer of the SME authority makes a code for the legal representative of a firm, whose papers she has seen."""
    actor = actor_of(request)
    if not decides(actor) or actor.jurisdiction is None:
        raise PermissionDenied("a page for officers of the SME authority")
    form = OwnerCodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = inviting.invite_owner(actor, form.cleaned_data["code"], form.cleaned_data["for_whom"], today())
        if made is not None:
            return _show_code(request, *made)
        form.add_error("code", gettext("No firm of your area has this code. Compare it with the licence."))
    invitations = Invitation.objects.visible_to(actor).open().select_related("organisation", "made_by")
    return render(
        request,
        "web/people/owner_code.html",
        {"form": form, "open": invitations},
        status=422 if form.is_bound else 200,
    )
