"""One's own account: the password, the second factor, passkeys, recovery codes, sessions, the single sign-on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.views import (
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordSetView,
    ReauthenticateView,
)
from allauth.mfa.base.views import IndexView
from allauth.mfa.base.views import ReauthenticateView as ConfirmByCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView, GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.socialaccount.views import ConnectionsView
from allauth.usersessions.models import UserSession
from axes.decorators import axes_dispatch
from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiqi.journal import Who, act
from huiqi.registry import second_factor as factors
from huiqi.registry import sessions as own_sessions
from huiqi.registry.permissions import actor_of, withheld
from huiqi.registry.vocabulary import ROLES

from ..account_forms import AskForPasswordForm, ConfirmForm, FirstPasswordForm, NewPasswordForm, PasswordForm
from ..devices import device
from ..limits import within_limit
from ..on_record import OnRecord
from . import own_address
from .accounts import ways_in
from .finder import today

#: So many links to a new password are asked for from one address, and for one e-mail address, within an hour.
MOST_LINKS_FROM, MOST_LINKS_TO, HOUR = 20, 5, 3600


class _Refused:
    """A form that is not right answers with 422, as everywhere in this house."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[attr-defined]


# --- the account ------------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class Account(IndexView):
    """How one signs in, and where one is signed in."""

    template_name = "web/account/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        kept = found["authenticators"]
        person = self.request.user
        return {
            **found,
            "app": kept.get(Authenticator.Type.TOTP),
            "passkeys": kept.get(Authenticator.Type.WEBAUTHN, []),
            "codes": kept.get(Authenticator.Type.RECOVERY_CODES),
            "withheld": bool(withheld(self.request)),
            "asked": any(factors.asked_for(hat) for hat in person.hats(today())),
            "has_password": person.has_usable_password(),
            "sessions": len(own_sessions.of(person)),
            "connected": SocialAccount.objects.filter(user=person).exists(),
            **ways_in(),
        }


@never_cache
@login_required
@require_GET
def second_factor(request: HttpRequest) -> HttpResponse:
    """A role waits for a second factor: set one up, or prove the one that there is."""
    onward = own_address(request, request.GET.get("next"), "")
    held_back = withheld(request)
    if not held_back:
        return redirect(onward or "hats")
    person = request.user
    after = reverse("hats") + (f"?{urlencode({'next': onward})}" if onward else "")
    return render(
        request,
        "web/account/second_factor.html",
        {
            "hats": [(hat, ROLES[hat.role]) for hat in held_back],
            "app": factors.has_factor(person, "totp"),  # type: ignore[arg-type]
            "passkeys": factors.has_factor(person, "webauthn"),  # type: ignore[arg-type]
            "after": after,
        },
    )


# --- passwords --------------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class ChangePassword(OnRecord, _Refused, PasswordChangeView):
    verb = "password.changed"
    template_name = "web/account/password.html"
    form_class = PasswordForm


@method_decorator(never_cache, name="dispatch")
class SetPassword(OnRecord, _Refused, PasswordSetView):
    verb = "password.changed"
    template_name = "web/account/password.html"
    form_class = FirstPasswordForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link to a new password. The answer is the same whether the address is on file or not."""
    form = AskForPasswordForm(request.POST if request.method == "POST" and settings.HUIQI_MAIL else None)
    limited = False
    if form.is_bound and form.is_valid():
        limited = not (
            within_limit("link from", get_client_ip_address(request) or "", MOST_LINKS_FROM, HOUR)
            and within_limit("link to", form.cleaned_data["email"], MOST_LINKS_TO, HOUR)
        )
        if not limited:
            form.save(request)
            return redirect("account_reset_password_done")
    return render(
        request,
        "web/account/forgotten.html",
        {"form": form, "mail": settings.HUIQI_MAIL, "limited": limited},
        status=429 if limited else 422 if form.errors else 200,
    )


@never_cache
@require_GET
def link_sent(request: HttpRequest) -> HttpResponse:
    """What comes after asking for a link."""
    return render(request, "web/account/link_sent.html")


@method_decorator(never_cache, name="dispatch")
class NewPassword(_Refused, PasswordResetFromKeyView):
    """A new password by the link in the letter."""

    template_name = "web/account/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        with act(Who(person=self.reset_user.pk), "password.changed", about=self.reset_user):
            return super().form_valid(form)


# --- confirming who one is --------------------------------------------------------------------------------------------


class _Confirm(_Refused):
    """Before the account changes one confirms who one is; the ways that there are stand on the page."""

    template_name = "web/account/confirm.html"
    way = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)  # type: ignore[misc]
        others = [(each["id"], each["url"]) for each in found["reauthentication_alternatives"]]
        return {"form": kwargs.get("form"), **found, "way": self.way, "others": others}


@method_decorator([never_cache, axes_dispatch], name="dispatch")
class ConfirmByPassword(OnRecord, _Confirm, ReauthenticateView):
    #: Nothing else is written here: whoever wanted to connect the single sign-on was asked this in between.
    verb = "single_sign_on.connected"
    form_class = ConfirmForm
    way = "reauthenticate"


@method_decorator(never_cache, name="dispatch")
class ConfirmByCode(OnRecord, _Confirm, ConfirmByCodeView):
    verb = "second_factor.used"
    way = "mfa_reauthenticate"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        from huiqi.registry.demo.second_factor import shown_code

        return {**super().get_context_data(**kwargs), "shown": shown_code(self.request.user)}


@method_decorator(never_cache, name="dispatch")
class ConfirmByPasskey(OnRecord, _Confirm, ReauthenticateWebAuthnView):
    verb = "second_factor.used"
    way = "mfa_reauthenticate:webauthn"


# --- the second factor ------------------------------------------------------------------------------------------------


@method_decorator(never_cache, name="dispatch")
class SetUpApp(OnRecord, _Refused, ActivateTOTPView):
    verb = "second_factor.added"
    template_name = "web/account/app.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        factors.prove(self.request, Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP))
        return response


@method_decorator(never_cache, name="dispatch")
class RemoveApp(OnRecord, _Refused, DeactivateTOTPView):
    verb = "second_factor.removed"
    template_name = "web/account/remove.html"
    success_url = reverse_lazy("account")
    extra_context = {"what": "app"}  # noqa: RUF012  (Django's own attribute)


@method_decorator(never_cache, name="dispatch")
class AddPasskey(OnRecord, _Refused, AddWebAuthnView):
    verb = "second_factor.added"
    template_name = "web/account/passkey_add.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        # kept on the device and opened by a finger, a face or a number: so it signs in by itself as well
        found["js_data"] = {"creation_options": webauthn.begin_registration(self.request.user, passwordless=True)}
        return {**found, "form": kwargs.get("form") or found["form"]}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        added = Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN)
        factors.prove(self.request, added.latest("pk"))
        return response


@method_decorator(never_cache, name="dispatch")
class RenamePasskey(OnRecord, _Refused, EditWebAuthnView):
    verb = "second_factor.renamed"
    template_name = "web/account/passkey_rename.html"
    success_url = reverse_lazy("account")


@method_decorator(never_cache, name="dispatch")
class RemovePasskey(OnRecord, RemoveWebAuthnView):
    verb = "second_factor.removed"
    template_name = "web/account/remove.html"
    success_url = reverse_lazy("account")
    extra_context = {"what": "passkey"}  # noqa: RUF012  (Django's own attribute)

    def form_valid(self, form: Any) -> HttpResponse:
        if not self._may_go():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "stays": not self._may_go()}

    def _may_go(self) -> bool:
        from allauth.mfa.adapter import get_adapter

        return get_adapter().can_delete_authenticator(self.object)


@never_cache
@login_required
@require_GET
def passkeys(request: HttpRequest) -> HttpResponse:
    """The passkeys stand on the page of the account."""
    return redirect("account")


@method_decorator([never_cache, cache_control(no_transform=True)], name="dispatch")
class RecoveryCodes(OnRecord, ViewRecoveryCodesView):
    verb = "recovery_codes.shown"
    always = True
    template_name = "web/account/codes.html"


@method_decorator(never_cache, name="dispatch")
class NewRecoveryCodes(OnRecord, _Refused, GenerateRecoveryCodesView):
    verb = "recovery_codes.made"
    template_name = "web/account/codes_new.html"


class DownloadedRecoveryCodes(OnRecord, DownloadRecoveryCodesView):
    """The recovery codes as a file; no template is filled."""

    template_name = ""

    verb = "recovery_codes.shown"
    always = True

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        text = "\n".join([gettext("Huiqi: recovery codes. Each counts once."), "", *context["unused_codes"], ""])
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="huiqi-codes.txt"'
        return response


# --- sessions ---------------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; end one of these sessions, or all but this one."""
    actor = actor_of(request)
    assert actor.person is not None
    here = request.session.session_key or ""
    if request.method == "POST":
        if request.POST.get("all"):
            ended = own_sessions.end_others(actor, here)
        else:
            number = request.POST.get("session", "")
            try:
                ended = own_sessions.end_one(actor, int(number) if number.isdigit() else 0, here)
            except UserSession.DoesNotExist as problem:
                raise Http404("no such session") from problem
        if ended:
            messages.success(request, gettext("Ended. Whoever was signed in there is so no longer."))
        return redirect("usersessions_list")
    lines = [
        {"session": each, "here": each.session_key == here, "device": device(each.user_agent)}
        for each in own_sessions.of(actor.person)
    ]
    return render(request, "web/account/sessions.html", {"lines": lines})


# --- single sign-on ---------------------------------------------------------------------------------------------------


@never_cache
@require_POST
def sso_begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the single sign-on. By POST only, so that no other page can begin it."""
    return openid_connect.login(request, provider_id)


@never_cache
@require_GET
def sso_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the single sign-on."""
    verb = "single_sign_on.connected" if request.user.is_authenticated else "single_sign_on.used"
    with act(actor_of(request).who, verb):
        return openid_connect.callback(request, provider_id)


@never_cache
@require_GET
def sso_cancelled(request: HttpRequest) -> HttpResponse:
    """Whoever turned back at the single sign-on may sign in otherwise."""
    messages.info(request, gettext("You turned back. Sign in here, or try again."))
    return redirect("login")


@method_decorator(never_cache, name="dispatch")
class Connections(OnRecord, _Refused, ConnectionsView):
    """The single sign-on of one's own account: connect it, or part with it."""

    verb = "single_sign_on.removed"
    template_name = "web/account/sso.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **ways_in()}
