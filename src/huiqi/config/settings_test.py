"""Settings of the tests: a home of their own for every run, plain static files, a quick password hash.

The run's first process makes the home; pytest-xdist's workers inherit its name, so that they share one database server.
"""

from __future__ import annotations

import os
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["HUIQI_HOME"] = tempfile.mkdtemp(prefix="huiqi-tests-")
for name in (
    "HUIQI_DEMO",
    "HUIQI_HTTPS",
    "HUIQI_PROXY",
    "HUIQI_HSTS",
    "HUIQI_DEBUG",
    "HUIQI_POLICIES",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "HUIQI_SSO_URL",
    "HUIQI_FONTS",
    "HUIQI_FONT_BODY",
    "HUIQI_FONT_TITLE",
    "HUIQI_FONT_HEADING",
    "HUIQI_FONT_NUMBER",
    "HUIQI_SMS",
    "HUIQI_URL",
):
    os.environ.pop(name, None)

from huiqi.config.settings import *  # noqa: E402, F403
from huiqi.config.settings import STORAGES  # noqa: E402

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
#: Tests log in without a request; those of the lock turn it on.
AXES_ENABLED = False
#: Nor do they prove a second factor; those of the second factor turn it on.
HUIQI_SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
