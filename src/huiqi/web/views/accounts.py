"""Signing in and out, and choosing the role in which one acts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huiqi.registry.models import Membership
from huiqi.registry.permissions import actor_of, hat_of, wear_hat
from huiqi.registry.vocabulary import ROLES

from ..answers import KEY
from ..sentences import say
from . import own_address
from .owner import home_address


class SignInForm(AuthenticationForm):
    """Login name or e-mail address and password. The message does not tell which of the two is wrong."""

    error_messages = {  # noqa: RUF012  (Django's own attribute)
        "invalid_login": gettext_lazy(
            "The name and the password do not go together. Check both; capital letters count in the password."
        ),
        "inactive": gettext_lazy(
            "The name and the password do not go together. Check both; capital letters count in the password."
        ),
    }


class SignIn(LoginView):
    """Sign in, then go on to where one wanted to be."""

    template_name = "web/accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Without another wish one begins at the home page of one's role."""
        return home_address(actor_of(self.request))

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Answers given before signing in stay; a person with several roles is asked for one, and begins at its home."""
        response = super().form_valid(form)
        if hat_of(self.request) is None and len(_hats(self.request)) > 1:
            wish = self.get_redirect_url()
            return redirect(f"{reverse('hats')}?{urlencode({'next': wish})}" if wish else "hats")
        return response


def _hats(request: HttpRequest) -> list[Membership]:
    """The roles that the person of this request holds today."""
    return request.user.hats(timezone.localdate()) if request.user.is_authenticated else []


class SignOut(LogoutView):
    http_method_names = ["post", "options"]  # noqa: RUF012  (Django's own attribute)


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """The answer to one attempt too many (called by django-axes)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(
        request, "web/accounts/login.html", {"locked": True, "minutes": minutes, "form": SignInForm()}, status=429
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hats(request: HttpRequest) -> HttpResponse:
    """Choose the role in which one acts. A form half filled in one role is not carried into another."""
    onward = own_address(request, request.POST.get("next") or request.GET.get("next"), "")
    if request.method == "POST":
        chosen = request.POST.get("hat", "")
        if not chosen.isdigit():
            raise PermissionDenied("no role was chosen")
        worn = hat_of(request)
        hat = wear_hat(request, int(chosen))
        if worn is not None and worn.pk != hat.pk:
            request.session.pop(KEY, None)
        messages.info(request, gettext("You now act for %(name)s.") % {"name": say(hat.organisation.name)})
        return redirect(onward or home_address(actor_of(request)))
    worn = hat_of(request)
    lines = [
        {"membership": hat, "role": ROLES[hat.role], "worn": worn is not None and worn.pk == hat.pk}
        for hat in _hats(request)
    ]
    return render(request, "web/accounts/hats.html", {"hats": lines, "next": onward})
