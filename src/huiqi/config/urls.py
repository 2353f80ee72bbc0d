"""Addresses: the pages are all in :mod:`huiqi.web.urls`."""

from __future__ import annotations

from django.urls import include, path

from huiqi.config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("huiqi.web.urls")),
]
