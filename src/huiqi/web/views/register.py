"""Registering, and asking to act for a firm."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.signup import complete_signup
from allauth.account.views import SignupView
from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huiqi.documents.decisions import approve_hat, ask_for_hat, refuse_hat
from huiqi.journal import NOBODY, act
from huiqi.opportunities.models import Profile
from huiqi.registry.hats import AlreadyHeld, decides, waiting_for
from huiqi.registry.models import HatRequest, Person
from huiqi.registry.models.requests import ROLES
from huiqi.registry.permissions import actor_of

from ..forms import FirmForm, ReasonForm, RegisterForm, taken
from ..limits import within_limit
from . import own_address
from .accounts import ways_in
from .finder import answers_of, today

#: So many attempts to register from one address, and requests for a firm by one person, within an hour.
MOST_ATTEMPTS, MOST_REQUESTS, HOUR = 20, 10, 3600


@method_decorator(never_cache, name="dispatch")
class Register(SignupView):
    """Make an account and sign in; the answers of this visit are saved with it."""

    template_name = "web/register/account.html"
    form_class = RegisterForm

    def get_authenticated_redirect_url(self) -> str:
        return self._onward()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not within_limit("register", get_client_ip_address(request) or "", MOST_ATTEMPTS, HOUR):
            return self.render_to_response(self.get_context_data(limited=True), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: RegisterForm) -> HttpResponse:
        person = _new_person(self.request, form)
        if person is None:
            form.add_error("username", taken())
            return self.form_invalid(form)
        messages.success(self.request, gettext("Welcome. Your answers are kept."))
        onward = reverse("register_firm") if form.data.get("firm") else self._onward()
        return complete_signup(self.request, user=person, redirect_url=onward)

    def form_invalid(self, form: RegisterForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "next": self._onward(),
            "answers": len(answers_of(self.request).to_save()),
            **ways_in(),
        }

    def _onward(self) -> str:
        wish = self.request.POST.get("next") or self.request.GET.get("next")
        return own_address(self.request, wish, reverse("owner_home"))


def keep_answers(request: HttpRequest, person: Person) -> None:
    """Keep the answers of this visit with an account that is being made."""
    Profile.objects.create(person=person, answers=answers_of(request).to_save())


def _new_person(request: HttpRequest, form: RegisterForm) -> Person | None:
    """The account with its saved answers; None when somebody took the name in this very moment."""
    name = form.cleaned_data["username"]
    try:
        with act(NOBODY, "person.registered") as this:
            person = Person.objects.create_user(
                None if "@" in name else name,
                form.cleaned_data["password"],
                email=name if "@" in name else None,
                display_name=form.cleaned_data["display_name"],
                language="en" if (get_language() or "").startswith("en") else "zh-hans",
            )
            keep_answers(request, person)
            this.about(person)
    except IntegrityError:
        return None
    return person


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def firm(request: HttpRequest) -> HttpResponse:
    """Ask to act for a firm, and see what became of earlier requests."""
    actor = actor_of(request)
    assert actor.person is not None
    form = FirmForm(request.POST if request.method == "POST" else None)
    limited = request.method == "POST" and not within_limit("firm", str(actor.person.pk), MOST_REQUESTS, HOUR)
    if request.method == "POST" and not limited and form.is_valid():
        try:
            asked = ask_for_hat(actor.person, form.cleaned_data["code"], form.cleaned_data["role"], today())
        except AlreadyHeld:
            form.add_error("code", gettext("You act for this firm already. Choose it under “Change role”."))
        else:
            if asked is not None:
                messages.success(
                    request, gettext("Your request is in. Until it is approved you see nothing of the firm.")
                )
                return redirect("register_firm")
            form.add_error(
                "code", gettext("The code is well formed, but no enterprise here has it. Compare it with the licence.")
            )
    own = HatRequest.objects.visible_to(actor).filter(person=actor.person).select_related("organisation")
    return render(
        request,
        "web/register/firm.html",
        {
            "form": form,
            "roles": ROLES.items(),
            "requests": [{"request": each, "role": ROLES[each.role]} for each in own.order_by("-asked_at")],
            "limited": limited,
        },
        status=429 if limited else 422 if form.is_bound else 200,
    )


@never_cache
@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """The requests that the actor may decide, oldest first."""
    actor = actor_of(request)
    waiting = waiting_for(actor)
    return render(
        request,
        "web/register/requests.html",
        {
            "decides": decides(actor),
            "makes_codes": decides(actor) and actor.jurisdiction is not None,
            "requests": [
                {"request": each, "role": ROLES[each.role]}
                for each in waiting.select_related("person", "organisation__region")
            ],
        },
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: who asks, for which firm, and the decision."""
    actor = actor_of(request)
    waiting = waiting_for(actor)
    asked = waiting.filter(pk=request_id).select_related("person", "organisation__region").first()
    if asked is None:
        raise Http404(request_id)
    form = ReasonForm(request.POST if request.method == "POST" and request.POST.get("act") == "refuse" else None)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "approve":
                approve_hat(actor, request_id, today())
                messages.success(request, gettext("Approved. The person is told."))
                return redirect("requests")
            if form.is_valid():
                refuse_hat(actor, request_id, form.cleaned_data["reason"])
                messages.success(request, gettext("Refused. The person is told why."))
                return redirect("requests")
        except HatRequest.DoesNotExist as problem:
            raise Http404(request_id) from problem
    return render(
        request,
        "web/register/request.html",
        {"asked": asked, "role": ROLES[asked.role], "form": form},
        status=422 if form.is_bound else 200,
    )
