"""Signing in and out, and choosing the role in which one acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.account.models import Login
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView
from axes.decorators import axes_dispatch
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huiqi.journal import Who, act
from huiqi.registry import second_factor
from huiqi.registry.demo.second_factor import shown_code
from huiqi.registry.models import Delegation
from huiqi.registry.permissions import actor_of, hat_of, wear_hat
from huiqi.registry.vocabulary import ROLES, SCOPES
from huiqi.rules.words import Words

from ..account_forms import SignInForm
from ..answers import KEY
from ..sentences import say
from . import own_address
from .owner import home_address

if TYPE_CHECKING:
    from huiqi.registry.permissions import Hat


def ways_in() -> dict[str, Any]:
    """What the page to sign in offers beside a password."""
    zh, en = settings.HUIQI_SSO_NAME
    return {"sso": Words(zh, en or zh) if settings.HUIQI_SSO_URL else None, "mail": settings.HUIQI_MAIL}


@method_decorator(axes_dispatch, name="dispatch")
class SignIn(LoginView):
    """Sign in by a name and a password, then go on to where one wanted to be."""

    template_name = "web/accounts/login.html"
    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wish = own_address(self.request, self.request.POST.get("next") or self.request.GET.get("next"), "")
        return {**super().get_context_data(**kwargs), "next": wish, **ways_in()}


class SecondStep(AuthenticateView):
    """The second step of signing in: a code of the app, a recovery code, or a passkey."""

    template_name = "web/accounts/second_step.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.stage.login.user
        with act(Who(person=person.pk), "second_factor.used", about=person):
            return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.stage.login.user
        keys = second_factor.has_factor(person, "webauthn")
        return {
            **super().get_context_data(**kwargs),
            "passkeys": keys,
            "app": second_factor.has_factor(person, "totp"),
            "shown": shown_code(person),
            "by_passkey": "credential" in self.request.POST,
        }


class SignInByPasskey(LoginWebAuthnView):
    """Sign in by a passkey alone. GET gives a script what the browser asks the passkey for; POST takes its answer."""

    http_method_names = ["get", "post"]  # noqa: RUF012  (Django's own attribute)

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        wish = own_address(self.request, self.request.POST.get("next"), "")
        login = Login(user=passkey.user, redirect_url=wish or None)
        with act(Who(person=passkey.user_id), "second_factor.used", about=passkey.user):
            return perform_passwordless_login(self.request, passkey, login)


class SignOut(LogoutView):
    http_method_names = ["post", "options"]  # noqa: RUF012  (Django's own attribute)


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """The answer to one attempt too many (called by django-axes)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(
        request,
        "web/accounts/login.html",
        {"locked": True, "minutes": minutes, "form": SignInForm(), **ways_in()},
        status=429,
    )


def _hats(request: HttpRequest) -> list[Hat]:
    """The roles that the person of this request holds today."""
    return request.user.hats(timezone.localdate()) if request.user.is_authenticated else []


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hats(request: HttpRequest) -> HttpResponse:
    """Choose the role in which one acts. A form half filled in one role is not carried into another."""
    onward = own_address(request, request.POST.get("next") or request.GET.get("next"), "")
    if request.method == "POST":
        chosen = request.POST.get("hat", "")
        worn = hat_of(request)
        hat = next((each for each in _hats(request) if each.key == chosen), None)
        if hat is None:
            raise PermissionDenied("not a role that you hold today")
        if second_factor.asked_for(hat) and not second_factor.proved(request):
            return redirect(f"{reverse('second_factor')}?{urlencode({'hat': hat.key, 'next': onward})}")
        wear_hat(request, hat.key)
        if worn is not None and worn.key != hat.key:
            request.session.pop(KEY, None)
        messages.info(request, gettext("You now act for %(name)s.") % {"name": say(hat.organisation.name)})
        return redirect(onward or home_address(actor_of(request)))
    worn, proved = hat_of(request), second_factor.proved(request)
    lines = [
        {
            "hat": hat,
            "role": ROLES[hat.role],
            "worn": worn is not None and worn.key == hat.key,
            "scopes": [words for scope, words in SCOPES.items() if scope in getattr(hat, "scopes", ())],
            "locked": second_factor.asked_for(hat) and not proved,
        }
        for hat in _hats(request)
    ]
    return render(
        request,
        "web/accounts/hats.html",
        {
            "hats": lines,
            "next": onward,
            "delegations": [line["hat"] for line in lines if isinstance(line["hat"], Delegation)],
        },
    )
