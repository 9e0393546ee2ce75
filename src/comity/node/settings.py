# SPDX-License-Identifier: Apache-2.0
"""Django's settings, derived from `NodeConfig` and from nothing else.

The one place that reads the environment for the node: `COMITY_CONFIG` names the
settings file, `COMITY_<NAME>` overrides its entries (see `comity.node.config`).
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from comity.node.config import CONFIG_VARIABLE, FILE_NAME, NodeConfig, read_config
from comity.node.database import database_settings
from comity.node.secret import read_secret

CONFIG: NodeConfig = read_config(
    Path(os.environ.get(CONFIG_VARIABLE) or FILE_NAME), os.environ
)  # fmt: skip

_DESK = urlsplit(CONFIG.desk_url)
_DESK_TLS = _DESK.scheme == "https"
#: Nodes of a demonstration share the host `localhost`: their cookies must not.
_COOKIE = "comity_" + CONFIG.authority.replace(".", "_").replace("-", "_")

DEBUG = False
SECRET_KEY = read_secret(CONFIG.keys)
ALLOWED_HOSTS = sorted({_DESK.hostname or "localhost", CONFIG.desk_address[0], "localhost"})
CSRF_TRUSTED_ORIGINS = [CONFIG.desk_url.rstrip("/")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "comity.node.desk",  # before allauth: its templates replace allauth's
    "comity.node.store",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "comity.node.login.OfficerLanguageMiddleware",  # needs the officer
    "comity.node.desk.signing_in.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it replaces the answer when a name is locked
]

ROOT_URLCONF = "comity.node.urls"
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
                "comity.node.desk.context.desk",
            ],
        },
    },
]

DATABASES = {"default": database_settings(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- officers and log-in ---
AUTH_USER_MODEL = "store.OfficerRow"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "comity.node.login.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "comity.node.desk.forms.login.SignInForm",
    "change_password": "comity.node.desk.forms.login.NewPasswordForm",
    "reauthenticate": "comity.node.desk.forms.login.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_DISPLAY = "comity.node.login.display"
# Behind a proxy all officers share an address: names are guarded by axes, addresses only coarsely.
# The key is an account: it limits guesses at a second factor, which axes does not see.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": f"60/m/ip,{CONFIG.attempts}/300s/key",
}

MFA_ADAPTER = "comity.node.login.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Browsers allow passkeys over plain HTTP on the loopback host alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _DESK_TLS
MFA_TOTP_ISSUER = CONFIG.name
USERSESSIONS_TRACK_ACTIVITY = False

AXES_FAILURE_LIMIT = CONFIG.attempts
AXES_COOLOFF_TIME = timedelta(hours=1)
AXES_LOCKOUT_PARAMETERS = ["username"]
# axes.W006 wants the address too: then an attacker with many addresses gets many tries at one name.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "comity.node.login.attempted_name"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False

# --- cookies and the browser ---
SESSION_COOKIE_NAME = f"{_COOKIE}_session"
SESSION_COOKIE_AGE = CONFIG.session_hours * 3600
SESSION_COOKIE_SECURE = _DESK_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_COOKIE}_csrf"
CSRF_COOKIE_SECURE = _DESK_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "comity.node.desk.views.errors.stale_form"
LANGUAGE_COOKIE_NAME = f"{_COOKIE}_language"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _DESK_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if _DESK_TLS else 0
X_FRAME_OPTIONS = "DENY"
# One dictionary, so that the move to Django's own setting is a rename.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the drawing that an authenticator app scans
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- languages ---
LANGUAGE_CODE = CONFIG.language
LANGUAGES = [("en", "English"), ("ar", "العربية")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files: from the packages, no collecting step ---
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]

# --- sizes ---
#: Largest body of a desk form; evidence never passes through one.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
#: Larger bodies of the wire are spooled to disk while they arrive.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 21

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    # Answers like 404 and 503 are part of the protocol; a fault of ours carries its traceback.
    "filters": {"faults": {"()": "comity.node.logs.OnlyFaults"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CONFIG.log_level.upper()},
    "loggers": {
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
        "django.request": {"filters": ["faults"]},
    },
}
