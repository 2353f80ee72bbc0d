"""What allauth asks of this service: where one goes after signing in, whose address a request has, which words are said.

allauth does the work of signing in, of second factors and of the single sign-on. It keeps nothing of an e-mail address
(``Person.email`` is the one place), limits nothing by itself (django-axes and :mod:`.limits` count, in the database) and
says nothing in words of its own.
"""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from axes.helpers import get_client_ip_address
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext, gettext_lazy

from huiqi.journal import NOBODY, act
from huiqi.registry import second_factor
from huiqi.registry.accounts import free_name
from huiqi.registry.models import Person
from huiqi.registry.permissions import actor_of, hat_of, withheld

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialLogin

logger = structlog.get_logger("huiqi.identity")

_WRONG = gettext_lazy(
    "The name and the password do not go together. Check both; capital letters count in the password."
)
_TOO_OFTEN = gettext_lazy("That was tried too often. Wait a quarter of an hour, then try again.")
_CODE = gettext_lazy(
    "This code does not fit. Codes of an app change every 30 seconds, and each code counts once. Enter the new one."
)

#: What is said after an act, by the template that allauth would fill. What is not listed is not said.
SAID: dict[str, Promise] = {
    "account/messages/password_changed.txt": gettext_lazy("The password is changed. Other sessions are ended."),
    "account/messages/password_set.txt": gettext_lazy("The password is set."),
    "mfa/messages/totp_activated.txt": gettext_lazy("The authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("The authenticator app is removed."),
    "mfa/messages/webauthn_added.txt": gettext_lazy("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": gettext_lazy(
        "There are new recovery codes. Write them down, and keep them where you keep your papers."
    ),
    "socialaccount/messages/account_connected.txt": gettext_lazy("You can sign in with it from now on."),
    "socialaccount/messages/account_connected_updated.txt": gettext_lazy("You can sign in with it from now on."),
    "socialaccount/messages/account_connected_other.txt": gettext_lazy(
        "It already belongs to another account here. Sign in with it, or ask the security administrator."
    ),
    "socialaccount/messages/account_disconnected.txt": gettext_lazy("It no longer signs you in."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and out."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "too_many_login_attempts": _TOO_OFTEN,
        "rate_limited": _TOO_OFTEN,
        "incorrect_password": gettext_lazy("This is not your password. Capital letters count."),
        "enter_current_password": gettext_lazy("This is not your password of now. Capital letters count."),
        "invalid_password_reset": gettext_lazy("This link has been used or is too old. Ask for a new one."),
    }

    def is_safe_url(self, url: str) -> bool:
        """An address of this site, and no other's."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address of the client, as the counting of attempts takes it."""
        return str(get_client_ip_address(request))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Without another wish one begins at the home page of one's role."""
        from .views.owner import home_address

        return home_address(actor_of(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("owner_home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        messages.error(
            request, gettext("This account is locked. Call the office that gave it to you, or the enterprise desk.")
        )
        return redirect("login")

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse:
        """Answers given before signing in stay; who has several roles is asked for one, and who may not wear hers before
        she has proved a second factor is led to it."""
        request.session.set_expiry(None)  # a visit ends with the browser, a session by its own time
        wish = kwargs.get("redirect_url") or ""
        response = super().post_login(request, user, **kwargs)
        if hat_of(request) is not None:
            return response
        onward = f"?{urlencode({'next': wish})}" if wish else ""
        if len(user.hats(timezone.localdate())) > 1:
            return redirect(f"{reverse('hats')}{onward}")
        return redirect(f"{reverse('second_factor')}{onward}") if withheld(request) else response

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        """The letter with the link, in the language of the page on which it was asked for."""
        text = gettext(
            "Hello %(name)s,\n\n"
            "somebody, we hope you, asked for a new password. Set it here, once and within a day:\n\n"
            "%(address)s\n\n"
            "It was not you? Then do nothing; your password stays as it is.\n"
            "Nobody of this service ever asks for your password.\n"
        )
        send_mail(
            gettext("A new password for Huiqi"),
            text % {"name": user.display_name, "address": context["password_reset_url"]},
            settings.DEFAULT_FROM_EMAIL,
            [email],
        )

    def reauthenticate(self, user: Person, password: str) -> bool:
        found = authenticate(self.request, username=user.get_username(), password=password)
        return found is not None and found.pk == user.pk

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said), extra_tags=extra_tags)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys, recovery codes. The secrets are kept encrypted, with a key drawn from SECRET_KEY."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": _CODE}

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was encrypted. With another SECRET_KEY than then it is something random, that no code ever fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.warning("a second factor was encrypted with another SECRET_KEY")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_totp_label(self, user: Person) -> str:
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": gettext("Huiqi")}

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        return {
            **super().get_public_key_credential_user_entity(user),
            "display_name": user.display_name,
            "name": user.get_username(),
        }

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(n)d") % {"n": number}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor stays while one of the hats asks for one."""
        from allauth.mfa.models import Authenticator as Kept

        others = Kept.objects.filter(user=authenticator.user, type__in=second_factor.FACTORS).exclude(
            pk=authenticator.pk
        )
        hats = authenticator.user.hats(timezone.localdate())
        return others.exists() or not any(second_factor.asked_for(hat) for hat in hats)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """A government single sign-on. It says who somebody is, never what she may do: hats are given here.

    An account here is found by the number that the sign-on gives (``sub``), never by a name or an e-mail address, so
    that nobody comes into an account by naming herself as its holder does.
    """

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": gettext_lazy("Set a password first; without it you could no longer sign in."),
    }

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        person: Person = sociallogin.user
        name = data.get("name") or f"{data.get('last_name') or ''}{data.get('first_name') or ''}"
        person.display_name = str(name or data.get("username") or "").strip()[:60] or gettext("(no name)")
        person.login_name = _free_name(str(data.get("username") or ""))
        person.email = None
        person.language = "en" if (get_language() or "").startswith("en") else "zh-hans"
        sociallogin.email_addresses = []
        return person

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Person:
        """A new account, with the answers of this visit."""
        from .views.register import keep_answers

        person: Person = sociallogin.user
        person.set_unusable_password()
        person.login_name = _free_name(person.login_name or "")
        with act(NOBODY, "person.registered") as this:
            sociallogin.save(request)
            keep_answers(request, person)
            this.about(person)
        return person


def _free_name(wish: str) -> str:
    """A login name like the one that is wished for, in the form that login names have here, that nobody has."""
    plain = re.sub(r"[^\w.-]", "", unicodedata.normalize("NFKC", wish).partition("@")[0].lower())[:50]
    plain = plain if len(plain) >= 3 else "user"
    return free_name(plain)


def _cipher() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"huiqi second factors").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
