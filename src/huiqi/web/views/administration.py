"""The pages of the three administrators: people and their roles, organs. What each may do is decided in the registry."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.documents import decisions
from huiqi.registry import accounts, organs, sessions
from huiqi.registry.hats import ROLES_IN_BODIES, ROLES_IN_ORGANS, AlreadyHeld
from huiqi.registry.hats import roles_in as roles_given_in
from huiqi.registry.models import Membership, Organisation, Person, Region
from huiqi.registry.permissions import Actor, actor_of, administers_accounts, administers_system, audits
from huiqi.registry.second_factor import FACTORS
from huiqi.registry.vocabulary import ADMINISTRATORS, ENTERPRISE, HELD_ROLES, ORGAN_FUNCTIONS, ROLES

from ..forms import HatForm, OrganForm, ReasonForm
from ..narrowing import Filter, Narrowing, narrowed, searched
from ..sentences import say
from .finder import today

PAGE_SIZE = 25
#: So many organisations are offered when a role is given; a longer word finds fewer.
MOST_FOUND = 20
STATES = ("active", "locked", "no_factor")


def people_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who reads accounts: the security or the audit administrator."""
    actor = actor_of(request)
    if not (administers_accounts(actor) or audits(actor)):
        raise PermissionDenied("a page of the security administrator")
    return actor


def account_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who changes accounts: the security administrator."""
    actor = actor_of(request)
    if not administers_accounts(actor):
        raise PermissionDenied("a page of the security administrator")
    return actor


def organ_actor(request: HttpRequest) -> Actor:
    """The actor of this request, who reads the list of organs: any of the three administrators."""
    actor = actor_of(request)
    if actor.role not in ADMINISTRATORS:
        raise PermissionDenied("a page of the administrators")
    return actor


@never_cache
@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where each administrator begins."""
    actor = organ_actor(request)
    return redirect("journal" if audits(actor) else "admin_people" if administers_accounts(actor) else "admin_organs")


# --- people -----------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who has an account, the latest first; search and filters are in the address."""
    actor = people_actor(request)
    narrowing = narrowed(
        request.GET,
        Filter("role", gettext("Role"), gettext("All roles"), [(role, say(ROLES[role])) for role in HELD_ROLES]),
        Filter("state", gettext("State"), gettext("All accounts"), [(state, _state_word(state)) for state in STATES]),
    )
    page = Paginator(_people(actor, narrowing), PAGE_SIZE).get_page(request.GET.get("page"))
    held = Membership.objects.visible_to(actor).active_on(today()).select_related("organisation")
    of_person: dict[int, list[Membership]] = {}
    for hat in held.filter(person__in=[person.pk for person in page]):
        of_person.setdefault(hat.person_id, []).append(hat)
    return render(
        request,
        "web/admin/people.html",
        {
            "section": "admin",
            "page": page,
            "rows": [
                {"person": person, "hats": [(hat, ROLES[hat.role]) for hat in of_person.get(person.pk, [])]}
                for person in page
            ],
            "narrowing": narrowing,
        },
    )


def _people(actor: Actor, narrowing: Narrowing) -> Any:
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    found = Person.objects.visible_to(actor).annotate(has_factor=Exists(factors)).order_by("-joined_at", "-pk")
    chosen = narrowing.chosen
    if text := narrowing.q:
        named = Q(display_name__icontains=text) | Q(login_name__icontains=text) | Q(email__icontains=text)
        found = found.filter(named)
    if chosen["role"]:
        holding = (
            Membership.objects.visible_to(actor).active_on(today()).filter(person=OuterRef("pk"), role=chosen["role"])
        )
        found = found.filter(Exists(holding))
    if chosen["state"] == "no_factor":
        in_organs = (
            Membership.objects.visible_to(actor)
            .active_on(today())
            .filter(person=OuterRef("pk"), organisation__kind="organ")
        )
        return found.filter(Exists(in_organs), has_factor=False)
    return found.filter(is_active=chosen["state"] == "active") if chosen["state"] else found


def _state_word(state: str) -> str:
    return {
        "active": gettext("Open"),
        "locked": gettext("Locked"),
        "no_factor": gettext("In an organ, without second factor"),
    }[state]


def _person(actor: Actor, pk: int) -> Person:
    person: Person | None = Person.objects.visible_to(actor).filter(pk=pk).first()
    if person is None:
        raise Http404(pk)
    return person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles, what proves it, where it is signed in; and what the security administrator does with it."""
    actor = people_actor(request)
    shown = _person(actor, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        done = _act(request, actor, shown, request.POST.get("act", ""), form.cleaned_data["reason"])
        return done or redirect("admin_person", pk)
    hats = Membership.objects.visible_to(actor).filter(person=shown).select_related("organisation", "ended_by")
    on = today()
    return render(
        request,
        "web/admin/person.html",
        {
            "section": "admin",
            "shown": shown,
            "form": form,
            "hats": [
                {"hat": hat, "role": ROLES[hat.role], "now": hat.active_on(on), "ours": hat.role in ADMINISTRATORS}
                for hat in hats.order_by("-start", "-pk")
            ],
            "factors": Authenticator.objects.filter(user=shown, type__in=FACTORS).order_by("created_at"),
            "sessions": len(sessions.of(shown)),
            "may_act": accounts.may_look_after(actor, shown),
            "ours": accounts.is_administrator(shown),
        },
        status=422 if form.is_bound else 200,
    )


def _act(request: HttpRequest, actor: Actor, shown: Person, act: str, reason: str) -> HttpResponse | None:
    """Do what was asked for; the page that it leads to, where it is another one."""
    if act == "lock":
        accounts.lock(actor, shown.pk, reason)
        messages.success(request, gettext("Locked. Its sessions are ended."))
    elif act == "unlock":
        accounts.unlock(actor, shown.pk, reason)
        messages.success(request, gettext("Open again. Failed attempts are forgotten."))
    elif act == "reset":
        decisions.reset_second_factor(actor, shown.pk, reason)
        messages.success(request, gettext("The second factor is removed, and the person is told."))
    elif act == "sessions":
        accounts.end_sessions(actor, shown.pk, reason)
        messages.success(request, gettext("Its sessions are ended."))
    elif act == "link":
        found, token = accounts.new_password_token(actor, shown.pk, reason)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(found), "key": token})
        context = {"section": "admin", "shown": found, "address": request.build_absolute_uri(path)}
        return render(request, "web/admin/link.html", context)
    else:
        raise PermissionDenied(f"{act} is not an act of this page")
    return None


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_hat(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody a role in an organ or another body: find the organisation, then choose the role and its days."""
    actor = account_actor(request)
    shown = _person(actor, pk)
    form = HatForm(request.POST if request.method == "POST" else None)
    text = searched(request.POST) or searched(request.GET)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            decisions.give_hat(
                actor, pk, said["organisation"], said["role"], said["start"], said["end"], said["reason"]
            )
        except AlreadyHeld:
            form.add_error("role", gettext("This person holds this role there on some of these days."))
        except Organisation.DoesNotExist as problem:
            raise Http404("no such organisation") from problem
        else:
            messages.success(request, gettext("Given. The person is told."))
            return redirect("admin_person", pk)
    found = list(_bodies(actor, text)[:MOST_FOUND]) if text else []
    roles = {role for each in found for role in roles_given_in(each)}
    return render(
        request,
        "web/admin/give.html",
        {
            "section": "admin",
            "shown": shown,
            "form": form,
            "q": text,
            "found": found,
            "many": len(found) == MOST_FOUND,
            "roles": [(role, ROLES[role]) for role in (*ROLES_IN_ORGANS, *ROLES_IN_BODIES) if role in roles],
            "today": today(),
        },
        status=422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_hat(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role of somebody, with a reason that she reads."""
    actor = account_actor(request)
    hats = Membership.objects.visible_to(actor).filter(ended_at__isnull=True)
    hat = hats.filter(pk=pk).select_related("person", "organisation").first()
    if hat is None or not accounts.may_look_after(actor, hat.person):
        raise Http404(pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        decisions.end_hat(actor, pk, form.cleaned_data["reason"])
        messages.success(request, gettext("Ended. It no longer counts, from this moment."))
        return redirect("admin_person", hat.person_id)
    return render(
        request,
        "web/admin/end.html",
        {"section": "admin", "hat": hat, "role": ROLES[hat.role], "form": form},
        status=422 if form.is_bound else 200,
    )


# --- organs -----------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def organ_list(request: HttpRequest) -> HttpResponse:
    """Organs and other bodies; search and filters are in the address."""
    actor = organ_actor(request)
    regions = {region.code: region.name for region in Region.objects.visible_to(actor)}
    narrowing = narrowed(
        request.GET,
        Filter("kind", gettext("Kind"), gettext("All kinds"), [(kind, say(words)) for kind, words in OrganForm.KINDS.items()]),
        Filter("function", gettext("Function"), gettext("All functions"), [(each, say(words)) for each, words in ORGAN_FUNCTIONS.items()]),
        Filter("region", gettext("Place"), gettext("All places"), [(code, say(name)) for code, name in regions.items()]),
    )  # fmt: skip
    page = Paginator(_bodies(actor, narrowing.q, **narrowing.chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/admin/organs.html",
        {
            "section": "admin",
            "page": page,
            "rows": [
                {
                    "organ": each,
                    "kind": OrganForm.KINDS[each.kind],
                    "function": ORGAN_FUNCTIONS.get(each.organ_function or ""),
                    "over": not each.active_on(today()),
                }
                for each in page
            ],
            "narrowing": narrowing,
            "may_change": administers_system(actor),
        },
    )


def _bodies(actor: Actor, text: str = "", *, kind: str = "", function: str = "", region: str = "") -> Any:
    found = Organisation.objects.visible_to(actor).exclude(kind=ENTERPRISE).select_related("region")
    if text:
        found = found.filter(Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(uscc=text.upper()))
    asked = {"kind": kind, "organ_function": function, "region": region}
    return found.filter(**{name: code for name, code in asked.items() if code})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organ(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One organ or other body: see it; the system administrator makes and changes it."""
    actor = organ_actor(request)
    changes = administers_system(actor)
    shown = Organisation() if pk is None else _body(actor, pk)
    if (pk is None or request.method == "POST") and not changes:
        raise PermissionDenied("organs are the system administrator's")
    form = OrganForm(request.POST) if request.method == "POST" else OrganForm(initial=_initial(shown))
    if form.is_bound and form.is_valid():
        values = {name: form.cleaned_data[name] for name in organs.KEPT}
        try:
            saved = organs.save(actor, pk, values, form.cleaned_data["reason"])
        except ValidationError as problem:
            form.refuse(problem)
        else:
            messages.success(request, gettext("Saved: %(name)s.") % {"name": say(saved.name)})
            return redirect("admin_organs")
    return render(
        request,
        "web/admin/organ.html",
        {
            "section": "admin",
            "organ": shown,
            "new": pk is None,
            "form": form,
            "may_change": changes,
            "kinds": [(kind, say(words)) for kind, words in OrganForm.KINDS.items()],
            "functions": [(function, say(words)) for function, words in ORGAN_FUNCTIONS.items()],
            "regions": [(region.code, say(region.name)) for region in Region.objects.visible_to(actor)],
        },
        status=422 if form.is_bound else 200,
    )


def _body(actor: Actor, pk: int) -> Organisation:
    found: Organisation | None = _bodies(actor).filter(pk=pk).select_related("superior").first()
    if found is None:
        raise Http404(pk)
    return found


def _initial(shown: Organisation) -> dict[str, Any]:
    values = {name: getattr(shown, name) for name in organs.KEPT if name not in ("superior", "region")}
    values["superior"] = shown.superior.name_zh if shown.superior else ""
    values["region"] = shown.region_id or ""
    for day in ("active_from", "active_to"):
        values[day] = values[day].isoformat() if values[day] else ""
    return {
        **values,
        "uscc": shown.uscc or "",
        "organ_function": shown.organ_function or "",
        "kind": shown.kind or "organ",
    }
