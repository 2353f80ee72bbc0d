"""Django's system check of what packages declare under the articles of the law (``manage check`` runs it)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error

from huiqi.law.serving import declared_services, faults

#: Pages that serve no article by themselves.
EXEMPT = frozenset(
    {
        "login",
        "account_login",
        "account_signup",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "openid_connect_login",
        "openid_connect_callback",
        "socialaccount_login_cancelled",
        "logout",
        "hats",
        "account",
        "mfa_index",
        "second_factor",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "usersessions_list",
        "socialaccount_connections",
        "set_language",
        "admin",
        "admin_people",
        "admin_person",
        "admin_give",
        "admin_end",
        "admin_organs",
        "admin_organ_new",
        "admin_organ",
        "admin_letter_code",
        "admin_sending",
    }
)


def pages() -> dict[str, bool]:
    """The url name of every page, and whether its address needs no arguments."""
    # not at the start of a command: the views take long to load, and most commands never check
    from .urls import urlpatterns

    return {pattern.name or str(pattern.pattern): not pattern.pattern.converters for pattern in urlpatterns}


def check_services(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """One error for each fault of the declarations."""
    return [
        Error(fault, hint="docs/developers.md, “A service”", id="huiqi.E001")
        for fault in faults(declared_services(), pages(), EXEMPT)
    ]
