"""Forms by which people sign in and look after their accounts: allauth's, with the words and the limits of the house."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ConfirmByCode
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext

from huiqi.registry.demo.second_factor import shown_code

from .forms import password_words
from .limits import within_limit

#: So many codes of a second factor are taken from one person within a quarter of an hour.
MOST_CODES, QUARTER = 10, 15 * 60
#: A code of an app counts once. It is good for half a minute, and kept as used for longer than that.
CODE_SECONDS = 90


class SignInForm(LoginForm):
    """Login name or e-mail address and password. The message does not tell which of the two is wrong."""

    def add_prefix(self, field_name: str) -> str:
        """The field is called ``username`` in the page, as browsers and password managers know it."""
        return "username" if field_name == "login" else super().add_prefix(field_name)


class _OneCode:
    """A code of an app or a recovery code. Counted for all processes together, and no code of an app is taken twice."""

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]  # type: ignore[attr-defined]
        shown = shown_code(self.user)
        if shown is not None and shown.fits(code):
            self.authenticator = shown.authenticator
            return str(code)
        limited(self.user)
        found: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not within_limit(
            "used code", f"{self.authenticator.pk}:{code.strip()}", 1, CODE_SECONDS
        ):
            raise get_adapter().validation_error("incorrect_code")
        return found


class CodeForm(_OneCode, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_OneCode, ConfirmByCode):
    """Confirming by a code who one is."""


class ActivateForm(ActivateTOTPForm):
    """The first code of an authenticator app that is being set up."""

    def clean_code(self) -> str:
        limited(self.user)
        return str(super().clean_code())


def limited(user: Any) -> None:
    """Count one more try of a second factor. Raises ValidationError when there were too many."""
    if not within_limit("second factor", str(user.pk), MOST_CODES, QUARTER):
        raise forms.ValidationError(gettext("That was tried too often. Wait a quarter of an hour, then try again."))


class _OnePasskey:
    """A passkey. The message says what to do, not which part of the exchange failed."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except forms.ValidationError as problem:
            raise forms.ValidationError(
                gettext("This passkey does not fit this account. Try again, or choose another way.")
            ) from problem


class PasskeyForm(_OnePasskey, AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""


class ConfirmPasskeyForm(_OnePasskey, ReauthenticateWebAuthnForm):
    """Confirming by a passkey who one is."""


class SignInPasskeyForm(_OnePasskey, LoginWebAuthnForm):
    """Signing in by a passkey alone: it asks for a finger, a face or a number, and so is two factors in one."""


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey with its name."""

    name = forms.CharField(required=False, max_length=60, strip=True)

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except forms.ValidationError as problem:
            raise forms.ValidationError(gettext("The passkey was not made. Try again.")) from problem


class RenamePasskeyForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(required=False, max_length=60, strip=True)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name:
            raise forms.ValidationError(gettext("Nothing is entered. Write what you will know it by."))
        return name


class _NewPassword:
    """A new password, typed once: it can be shown while it is typed. The messages are the house's."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.fields["password1"].required = False

    def add_error(self, field: str | None, error: Any) -> None:
        if field == "password1" and isinstance(error, forms.ValidationError):
            error = forms.ValidationError([password_words(each.code or "") for each in error.error_list])
        super().add_error(field, error)  # type: ignore[misc]


class PasswordForm(_NewPassword, ChangePasswordForm):
    """Change the password; the present one is asked for."""


class FirstPasswordForm(_NewPassword, SetPasswordForm):
    """A password for an account that had none: it was made by the single sign-on."""


class NewPasswordForm(_NewPassword, ResetPasswordKeyForm):
    """A new password by a link that was sent."""


class ConfirmForm(ReauthenticateForm):
    """Confirming by the password who one is."""


class AskForPasswordForm(forms.Form):
    """Ask for a link to a new password, to an address that is on file. What is on file is not told."""

    email = forms.CharField(required=False, max_length=254, strip=True)

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"].lower()
        try:
            validate_email(address)
        except forms.ValidationError as problem:
            raise forms.ValidationError(
                gettext("This is no e-mail address. Write it as name@example.com.")
            ) from problem
        return address

    def save(self, request: Any) -> None:
        """Send the link, when somebody who is not locked has this address and a password of her own."""
        from allauth.account.internal.flows.password_reset import request_password_reset

        from huiqi.registry.accounts import by_email

        person = by_email(self.cleaned_data["email"])
        if person is not None:
            request_password_reset(context.request, person.email, [person], None)
