"""The service is closed by default: its headers, its cookies, its secrets, its logs."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from huiqi.config import logs
from huiqi.config.middleware import UploadLimit


def settings_under(environment: dict[str, str], *names: str) -> dict[str, Any]:
    """The values of these settings in a fresh process with this environment besides a new home."""
    program = (
        "import json; from huiqi.config import settings; "
        f"print(json.dumps({{n: getattr(settings, n) for n in {names!r}}}, default=str))"
    )
    base = {key: value for key, value in os.environ.items() if not key.startswith(("HUIQI", "DJANGO", "DATABASE"))}
    answer = subprocess.run(
        [sys.executable, "-c", program], env={**base, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(answer.stdout)


@pytest.mark.django_db
def test_every_answer_forbids_everything_inline_and_every_other_host(client: Client) -> None:
    headers = client.get("/healthz").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_the_health_check_asks_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-cache" in answer.headers["Cache-Control"] or "no-store" in answer.headers["Cache-Control"]


def test_cookies_travel_over_https_only_once_the_service_is_served_over_it(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "CSRF_TRUSTED_ORIGINS")
    plain = settings_under({"HUIQI_HOME": str(tmp_path)}, *names)
    assert plain == dict.fromkeys(names[:3], False) | {"CSRF_TRUSTED_ORIGINS": []}
    secure = settings_under(
        {"HUIQI_HOME": str(tmp_path), "HUIQI_HTTPS": "1", "ALLOWED_HOSTS": "sme.example,.sme.example"}, *names
    )
    assert secure == dict.fromkeys(names[:3], True) | {
        "CSRF_TRUSTED_ORIGINS": ["https://sme.example", "https://*.sme.example"]
    }


def test_the_secret_key_is_made_once_and_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = settings_under({"HUIQI_HOME": str(home)}, "SECRET_KEY")
    again = settings_under({"HUIQI_HOME": str(home)}, "SECRET_KEY")
    assert first == again
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((home / "secret_key").stat().st_mode) == 0o600
    assert [p.name for p in home.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    program = "from huiqi.config import settings; print(settings.SECRET_KEY)"
    environment = {**os.environ, "HUIQI_HOME": str(tmp_path / "home")}
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_another_database_than_postgresql_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as problem:
        settings_under({"HUIQI_HOME": str(tmp_path), "DATABASE_URL": "sqlite:///db.sqlite3"}, "DATABASES")
    assert "DATABASE_URL must name a PostgreSQL database" in problem.value.stderr


def test_an_upload_that_says_it_is_too_large_is_refused_before_it_is_read() -> None:
    def must_not_be_reached(request: Any) -> Any:
        raise AssertionError("the request was let through")

    request = RequestFactory().post("/", CONTENT_LENGTH=str(settings.HUIQI_UPLOAD_LIMIT + 1))
    assert UploadLimit(must_not_be_reached)(request).status_code == 413


def test_logs_name_the_route_and_never_the_address_of_a_request() -> None:
    request = RequestFactory().get("/enterprises/91659901YL00000122", {"q": "秘密"})
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Not Found: %s", (request.path,), None)
    record.request = request
    assert logs.WithoutAddress().filter(record)
    assert record.getMessage() == "Not Found"


@pytest.mark.parametrize("log_format", list(logs.RENDERERS))
def test_both_log_formats_can_be_configured(log_format: str) -> None:
    assert logs.configuration(log_format)["formatters"]["event"]["processors"]


def test_the_demonstration_sends_into_a_folder_and_the_service_nowhere_before_it_is_told_where(tmp_path: Path) -> None:
    names = ("HUIQI_MAIL", "EMAIL_BACKEND", "HUIQI_SMS", "HUIQI_URL")
    home = {"HUIQI_HOME": str(tmp_path)}
    demo = settings_under({**home, "HUIQI_DEMO": "1"}, *names)
    assert demo == {
        "HUIQI_MAIL": True,
        "EMAIL_BACKEND": "huiqi.documents.sending.folder.EmailBackend",
        "HUIQI_SMS": "folder",
        "HUIQI_URL": "",
    }
    real = settings_under({**home, "HUIQI_HTTPS": "1", "ALLOWED_HOSTS": "127.0.0.1,huiqi.example"}, *names)
    assert (real["HUIQI_MAIL"], real["HUIQI_SMS"], real["HUIQI_URL"]) == (False, "", "https://huiqi.example")
    given = settings_under({**home, "EMAIL_URL": "smtp+tls://u:p@mail.example:587", "HUIQI_DEMO": "1"}, *names)
    assert given["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize("wrong", [{"HUIQI_SMS": "http"}, {"HUIQI_URL": "huiqi.example"}])
def test_half_a_gateway_and_half_an_address_are_refused_at_the_start(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        settings_under({"HUIQI_HOME": str(tmp_path), **wrong}, "HUIQI_SMS")
    assert "ImproperlyConfigured" in refused.value.stderr
