"""Django's settings. Everything that an installation may choose comes from the environment:

====================  ==================================================================================================
``HUIQI_HOME``        folder of the database, the secret key and the collected static files (``.huiqi`` in the checkout)
``HUIQI_POLICIES``    folder of the policy library (``policies`` in the checkout)
``HUIQI_DEMO``        ``1``: made-up enterprises and people whose passwords are shown; never together with real data
``DATABASE_URL``      a PostgreSQL of your own (15 or newer) in place of the embedded one
``SECRET_KEY``        signs sessions; without it one is made once and kept in ``HUIQI_HOME/secret_key``
``ALLOWED_HOSTS``     the host names that the service answers to, separated by commas
``HUIQI_HTTPS``       ``1``: visitors come over https, so cookies are sent over https only
``HUIQI_PROXY``       ``1``: a reverse proxy in front sets ``X-Forwarded-Proto`` (and drops what clients send in it)
``HUIQI_HSTS``        seconds for which browsers shall insist on https (0: they are not told)
``HUIQI_URL``         the address under which people find the service, for links in messages and on letters: ``https://huiqi.example``;
                      without it the first public one of ``ALLOWED_HOSTS``, else that at which ``huiqi serve`` listens
``EMAIL_URL``         the mail server for notices and for letters that set a new password:
                      ``smtp+tls://USER:PASSWORD@HOST:587``; without it none is sent, in the demonstration to a folder
``HUIQI_MAIL_FROM``   the address that those letters come from
``HUIQI_SMS``         what carries short messages: ``http`` (a gateway), ``folder`` (files, in the demonstration by default)
                      or the dotted path of an adapter of your own; without it none is sent
``HUIQI_SMS_URL``     the gateway's address, ``HUIQI_SMS_TOKEN`` the token for it; ``HUIQI_SMS_RECEIPTS_URL`` where it tells
                      what was delivered, if it does
``HUIQI_SSO_URL``     the issuer of a government single sign-on (OpenID Connect); without it there is none
``HUIQI_SSO_CLIENT``  the name by which the single sign-on knows this service, ``HUIQI_SSO_SECRET`` the secret for it
``HUIQI_SSO_NAME``    what its button says, in Chinese and in English: ``统一身份认证|Government sign-in``
``HUIQI_FONTS``       a folder with the office's own fonts for letters (TrueType, OpenType)
``HUIQI_FONT_BODY``   families for the text of letters, in order, separated by commas; ``HUIQI_FONT_TITLE``,
                      ``HUIQI_FONT_HEADING`` and ``HUIQI_FONT_NUMBER`` likewise
``HUIQI_LOG``         ``json`` or ``console``; by default ``console`` on a terminal
``HUIQI_DEBUG``       ``1``: Django's error pages, for developers only
====================  ==================================================================================================
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from huiqi.config import embedded, logs

env = environ.Env()

CHECKOUT = Path(__file__).resolve().parents[3]
HUIQI_HOME = Path(env.str("HUIQI_HOME", default=str(CHECKOUT / ".huiqi"))).expanduser().resolve()
HUIQI_POLICIES = Path(env.str("HUIQI_POLICIES", default=str(CHECKOUT / "policies"))).expanduser().resolve()
HUIQI_DEMO = env.bool("HUIQI_DEMO", default=False)
HUIQI_HTTPS = env.bool("HUIQI_HTTPS", default=False)
DEBUG = env.bool("HUIQI_DEBUG", default=False)


def _kept_secret(path: Path) -> str:
    """The secret in this file, made at the first call; processes that call at once all get the same one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f".{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
            try:
                os.link(draft, path)  # unlike a rename this never replaces the secret of a process that was faster
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{path} cannot be read or made ({problem.strerror}): run as its owner, or name another folder in HUIQI_HOME"
        ) from problem


def _origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


SECRET_KEY = env.str("SECRET_KEY", default="") or _kept_secret(HUIQI_HOME / "secret_key")

# --- applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "huiqi.journal",
    "huiqi.registry",
    "huiqi.law",
    "huiqi.documents",
    "huiqi.cases",
    "huiqi.opportunities",
    "huiqi.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "axes",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "huiqi.config.middleware.RequestLog",
    "huiqi.config.middleware.Compression",
    "django.middleware.security.SecurityMiddleware",
    "huiqi.config.middleware.Headers",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "huiqi.config.middleware.UploadLimit",
    "huiqi.config.middleware.OneLibrary",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huiqi.web.second_step.SecondStep",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "huiqi.config.urls"
WSGI_APPLICATION = "huiqi.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database ---------------------------------------------------------------------------------------------------------

HUIQI_EMBEDDED = not env.str("DATABASE_URL", default="")

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **({"ENGINE": "django.db.backends.postgresql"} if HUIQI_EMBEDDED else env.db_url("DATABASE_URL")),
        **(embedded.connection(HUIQI_HOME) if HUIQI_EMBEDDED else {}),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://USER:PASSWORD@HOST:5432/NAME")

# --- people -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "registry.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "huiqi.registry.passwords.StrengthValidator"},
]

# allauth signs people in; attempts are counted in the database by django-axes and huiqi.web.limits, not in a cache.
ACCOUNT_ADAPTER = "huiqi.web.identity.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_name"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_RATE_LIMITS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "huiqi.web.identity.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RATE_LIMITS = False
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Huiqi"
MFA_FORMS = {
    "authenticate": "huiqi.web.account_forms.CodeForm",
    "authenticate_webauthn": "huiqi.web.account_forms.PasskeyForm",
    "reauthenticate": "huiqi.web.account_forms.ConfirmCodeForm",
    "reauthenticate_webauthn": "huiqi.web.account_forms.ConfirmPasskeyForm",
    "activate_totp": "huiqi.web.account_forms.ActivateForm",
    "add_webauthn": "huiqi.web.account_forms.AddPasskeyForm",
    "edit_webauthn": "huiqi.web.account_forms.RenamePasskeyForm",
    "login_webauthn": "huiqi.web.account_forms.SignInPasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "huiqi.web.identity.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
HUIQI_SSO_URL = env.str("HUIQI_SSO_URL", default="").rstrip("/")
HUIQI_SSO_NAME = tuple(env.str("HUIQI_SSO_NAME", default="统一身份认证|Government single sign-on").partition("|")[::2])
if HUIQI_SSO_URL and not (env.str("HUIQI_SSO_CLIENT", default="") and env.str("HUIQI_SSO_SECRET", default="")):
    raise ImproperlyConfigured("HUIQI_SSO_URL also needs HUIQI_SSO_CLIENT and HUIQI_SSO_SECRET")
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": HUIQI_SSO_NAME[0],
                    "client_id": env.str("HUIQI_SSO_CLIENT"),
                    "secret": env.str("HUIQI_SSO_SECRET"),
                    "settings": {"server_url": HUIQI_SSO_URL},
                }
            ],
        }
    }
    if HUIQI_SSO_URL
    else {}
)

#: Roles in organs, and those of the service's administrators, are worn after a second factor only.
HUIQI_SECOND_FACTOR = True

#: The address of the service, for messages: they are written where no request tells it.
HUIQI_URL = env.str("HUIQI_URL", default="").rstrip("/")
_hosts = [
    host for host in env.list("ALLOWED_HOSTS", default=[]) if host not in ("localhost", "127.0.0.1", "[::1]", "*")
]
if not HUIQI_URL and _hosts:
    HUIQI_URL = f"{'https' if HUIQI_HTTPS else 'http'}://{_hosts[0].lstrip('.')}"
if HUIQI_URL and not (urlsplit(HUIQI_URL).scheme in ("http", "https") and urlsplit(HUIQI_URL).netloc):
    raise ImproperlyConfigured(f"HUIQI_URL is {HUIQI_URL!r}; it has to be like https://huiqi.example")

#: Where the demonstration puts what others send: mail/*.eml and sms/*.txt.
HUIQI_OUTBOX = HUIQI_HOME / "outbox"
HUIQI_MAIL = bool(env.str("EMAIL_URL", default="")) or HUIQI_DEMO
if env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
elif HUIQI_DEMO:
    EMAIL_BACKEND = "huiqi.documents.sending.folder.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("HUIQI_MAIL_FROM", default="huiqi@localhost")
HUIQI_SMS = env.str("HUIQI_SMS", default="folder" if HUIQI_DEMO else "")
HUIQI_SMS_URL = env.str("HUIQI_SMS_URL", default="")
HUIQI_SMS_TOKEN = env.str("HUIQI_SMS_TOKEN", default="")
HUIQI_SMS_RECEIPTS_URL = env.str("HUIQI_SMS_RECEIPTS_URL", default="")
if HUIQI_SMS == "http" and not (HUIQI_SMS_URL and HUIQI_SMS_TOKEN):
    raise ImproperlyConfigured("HUIQI_SMS=http also needs HUIQI_SMS_URL and HUIQI_SMS_TOKEN")

# Ten failures of one name from one address within a quarter of an hour close that door for a quarter of an hour.
# Not of the name alone: then anybody could lock anybody out.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "huiqi.web.views.accounts.locked_out"
AXES_USERNAME_CALLABLE = "huiqi.config.logins.typed_name"
AXES_CLIENT_IP_CALLABLE = "huiqi.config.logins.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "huiqi_session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = HUIQI_HTTPS
CSRF_COOKIE_NAME = "huiqi_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HUIQI_HTTPS
LANGUAGE_COOKIE_NAME = "huiqi_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HUIQI_HTTPS

# --- languages and formats --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = ["huiqi.config.formats"]

# --- letters ----------------------------------------------------------------------------------------------------------

#: Fonts of letters. What GB/T 9704 asks for is not free: an office puts its own into the folder, and they are found by
#: the names under which they are sold; the fonts that come with the service stand in for what is not there.
HUIQI_FONTS = env.str("HUIQI_FONTS", default="")
HUIQI_FONT_NAMES = {
    use: tuple(name.strip() for name in env.str(f"HUIQI_FONT_{use.upper()}", default=names).split(",") if name.strip())
    for use, names in {
        "body": "FangSong_GB2312,仿宋_GB2312,FangSong,仿宋,STFangsong,华文仿宋",
        "title": "FZXiaoBiaoSong-B05S,方正小标宋简体,FZXiaoBiaoSong-B05,方正小标宋_GBK",
        "heading": "SimHei,黑体,STHeiti",
        "number": "SimSun,宋体,STSong",
    }.items()
}
if HUIQI_FONTS and not Path(HUIQI_FONTS).is_dir():
    raise ImproperlyConfigured(f"HUIQI_FONTS is {HUIQI_FONTS!r}, and there is no such folder")

# --- static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = HUIQI_HOME / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HUIQI_HOME / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- security ---------------------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS if HUIQI_HTTPS and host != "*"
]
SECURE_SSL_REDIRECT = HUIQI_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("HUIQI_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("HUIQI_HSTS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = bool(SECURE_HSTS_SECONDS)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

#: Nothing inline and nothing from elsewhere. ``data:`` is for the small drawings inside Bootstrap's style sheet.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "frame-src": [NONE],
        "worker-src": [NONE],
        "base-uri": [NONE],
        # a form that begins a single sign-on is sent on to it
        "form-action": [SELF, *([_origin(HUIQI_SSO_URL)] if HUIQI_SSO_URL else [])],
        "frame-ancestors": [NONE],
    }
}

#: A roster of 50,000 enterprises with every fact is about 15 MB as a workbook.
HUIQI_UPLOAD_LIMIT = 32 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
#: As many files as come with a complaint that an officer takes down, and a few more: then the form says what is too many.
DATA_UPLOAD_MAX_NUMBER_FILES = 15
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- logs -------------------------------------------------------------------------------------------------------------

_log_format = env.str("HUIQI_LOG", default="console" if sys.stderr.isatty() else "json")
if _log_format not in logs.RENDERERS:
    raise ImproperlyConfigured(f"HUIQI_LOG is {_log_format!r}; it may be json or console")
LOGGING = logs.configuration(_log_format)
structlog.configure(**logs.structlog_configuration())
