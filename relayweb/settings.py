"""Every setting, read from the environment (docs/operating.md lists them); nothing here is computed twice elsewhere."""

import logging
import os
import secrets
import socket
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
from django.utils.csp import CSP

# ----------------------------------------------------------------- typed environment


class Unusable(SystemExit):
    """A setting that cannot be used: one clear line on stderr, exit status 1."""

    def __init__(self, line: str) -> None:
        super().__init__(f"relayweb: {line}")


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool = False) -> bool:
    word = env_text(name).lower()
    if word not in {"", "0", "1", "true", "false", "yes", "no", "on", "off"}:
        raise Unusable(f"{name} must be 1 or 0, not {word!r}.")
    return default if not word else word in {"1", "true", "yes", "on"}


def env_number(name: str, default: float, low: float, high: float) -> float:
    try:
        value = float(env_text(name, str(default)))
    except ValueError:
        raise Unusable(f"{name} must be a number, not {env_text(name)!r}.") from None
    if not low <= value <= high:
        raise Unusable(f"{name} must be between {low:g} and {high:g}, not {value:g}.")
    return value


def env_url(name: str) -> str:
    """An http(s) address without a trailing slash, or ''."""
    value = env_text(name).rstrip("/")
    if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise Unusable(f"{name} must be an http:// or https:// address, not {value!r}.")
    return value


def env_redis(name: str) -> str:
    """A redis:// address or ''; a server that does not answer is waited for 5 s, unless the address says otherwise."""
    value = env_text(name)
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise Unusable(f"{name} must be a redis://, rediss:// or unix:// address.")
    if not value or "socket_timeout" in value:
        return value
    return f"{value}{'&' if '?' in value else '?'}socket_timeout=5&socket_connect_timeout=5&health_check_interval=30"


def env_list(name: str) -> list[str]:
    return [item.strip() for item in env_text(name).split(",") if item.strip()]


def writable_dir(path: Path, name: str) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unusable(f"{name} {path} can't be written: {error.strerror}.") from None
    return path


def kept_secret(path: Path) -> str:
    """The secret in this file; made there, readable by us only, on the first run."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


# ----------------------------------------------------------------- where and who

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = writable_dir(Path(env_text("DATA_DIR", str(BASE_DIR / "data"))).resolve(), "DATA_DIR")
SECRET_KEY = env_text("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")
DEBUG = env_bool("DEBUG")

HOST = env_text("HOST", "127.0.0.1")
PORT = int(env_number("PORT", 8000, 1, 65535))
PUBLIC_URL = env_url("PUBLIC_URL")
NODE_NAME = env_text("NODE_NAME", f"{socket.gethostname()[:40]}:{PORT}")[:48]  # this studio among those of a database
IS_HTTPS = PUBLIC_URL.startswith("https://")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([PUBLIC_HOST] if PUBLIC_HOST else []),
    *env_list("ALLOWED_HOSTS"),
]
SECOND_PERSON_ABOVE_MICROS = int(env_number("SECOND_PERSON_ABOVE", 100, 0, 10_000_000) * 1_000_000)
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = int(env_number("TRUSTED_PROXIES", 0, 0, 10))
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

SANDBOX_PORT = int(env_number("SANDBOX_PORT", PORT + 1 if PORT < 65535 else PORT - 1, 1, 65535))
SANDBOX_WAIT_SECONDS = env_number("SANDBOX_WAIT_SECONDS", 2, 0, 3600)
RELAY_API_KEY = env_text("RELAY_API_KEY", "sbx-studio")
IS_SANDBOX = RELAY_API_KEY.startswith("sbx-")  # such a key moves sandbox money only
RELAY_BASE_URL = env_url("RELAY_BASE_URL")
RUNS_SANDBOX = IS_SANDBOX and not RELAY_BASE_URL  # the studio starts a sandbox of its own
RELAY_URL = RELAY_BASE_URL or (f"http://127.0.0.1:{SANDBOX_PORT}/v1" if IS_SANDBOX else "https://relaydance.com/v1")
if not urlsplit(RELAY_URL).path:
    RELAY_URL += "/v1"
if urlsplit(RELAY_URL).scheme != "https" and urlsplit(RELAY_URL).hostname not in LOOPBACK:
    raise Unusable(f"RELAY_BASE_URL must be https: a key would cross the network in the clear to {RELAY_URL!r}.")
STUDIO_EMAIL = env_text("STUDIO_EMAIL", "admin@studio.local")
STUDIO_PASSWORD = env_text("STUDIO_PASSWORD")

# ----------------------------------------------------------------- the application

INSTALLED_APPS = [
    "generations",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_q",
    "lucide",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "generations.web.requests.PageCompressionMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "generations.web.requests.IdleMiddleware",
    "generations.web.requests.OriginMiddleware",
    "generations.web.requests.LoginRequiredMiddleware",
    "generations.web.requests.PrivatePagesMiddleware",
    "generations.web.access.RightsMiddleware",
    "generations.web.requests.BusyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "relayweb.urls"
WSGI_APPLICATION = "relayweb.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "generations.web.requests.studio",
                "generations.web.banners.banners",
                "generations.web.notices.bell",
                "generations.web.sections.ways",
            ],
            "builtins": ["lucide.templatetags.lucide", "generations.web.templatetags.studio"],
            "libraries": {"as_call": "generations.web.templatetags.as_call"},
        },
    },
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# ----------------------------------------------------------------- data

SQLITE_INIT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;"
)


POOL = {"min_size": 1, "max_size": 8, "timeout": 10}  # a web process has 4 threads; a pool does not survive a fork


def database() -> dict[str, Any]:
    """SQLite in DATA_DIR unless DATABASE_URL says otherwise; FULL sync: a committed SENDING survives a power cut."""
    is_pooled = env_bool("DATABASE_POOL")
    try:
        config: dict[str, Any] = dict(
            dj_database_url.parse(
                env_text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'studio.sqlite3'}"),
                conn_max_age=60,
                conn_health_checks=True,
            )
        )
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
        raise Unusable(f"DATABASE_URL can't be read: {error}".splitlines()[0]) from None
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_INIT}
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["OPTIONS"] = {"options": "-c lock_timeout=20s"} | config.get("OPTIONS", {})
        config |= {"CONN_MAX_AGE": 0, "OPTIONS": config["OPTIONS"] | {"pool": POOL}} if is_pooled else {}
    else:
        raise Unusable("DATABASE_URL must begin with sqlite:// or postgres://.")
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_PROJECT_MB = int(env_number("MEDIA_PROJECT_MB", 20000, 1, 10**9))
MEDIA_PERSON_MB = int(env_number("MEDIA_PERSON_MB", 10000, 1, 10**9))

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "media"


def media_storage() -> dict[str, Any]:
    """Files in MEDIA_ROOT, or the bucket of MEDIA_S3_URL: https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION."""
    parts = urlsplit(env_text("MEDIA_S3_URL"))
    if not any(parts):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    more, (bucket, _, prefix) = dict(parse_qsl(parts.query)), parts.path.strip("/").partition("/")
    if parts.scheme not in {"http", "https"} or not (parts.hostname and bucket) or not more.keys() <= {"region"}:
        raise Unusable("MEDIA_S3_URL must look like https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION.")
    options = {
        "bucket_name": bucket,
        "location": prefix,
        "endpoint_url": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        "region_name": more.get("region", "us-east-1"),
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "addressing_style": "path",  # one origin for the pages' policy, whatever the bucket is called
        "signature_version": "s3v4",
        "file_overwrite": True,  # names are made from the bytes' own hash
        "querystring_expire": 3600,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


MEDIA_STORAGE = media_storage()
MEDIA_ORIGINS = [MEDIA_STORAGE["OPTIONS"]["endpoint_url"]] if "OPTIONS" in MEDIA_STORAGE else []
STORAGES = {
    "default": MEDIA_STORAGE,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "generations.web.stylesheets.GatheringStorage"
    },
}

# django-q2 runs wake-ups, nothing else: the job row is the queue (docs/decisions/0003).
REDIS_URL = env_redis("REDIS_URL")
Q_CLUSTER = {
    "name": "relayweb",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "workers": 3,  # two of them may be listening to words (writing/talking.py)
    "queue_limit": 3,
    "timeout": 600,
    "retry": 1800,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.1,
    "scheduler": False,
    "ALT_CLUSTERS": {"polls": {"workers": 1, "queue_limit": 1}, "files": {"workers": 2, "queue_limit": 2}},
    "log_level": "WARNING",
}

# ----------------------------------------------------------------- people

AUTH_USER_MODEL = "generations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
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
LOGIN_REDIRECT_URL = "/projects/"
ACCOUNT_ADAPTER = "generations.accounts.adapter.StudioAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False


def sign_on(issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """The OpenID provider as allauth wants it; {} where there is none."""
    if not issuer:
        return {}
    if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in LOOPBACK:
        raise Unusable(f"OIDC_ISSUER must be https, not {issuer!r}.")
    if not (client_id and secret):
        raise Unusable("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET beside it.")
    app = {"provider_id": "sso", "name": name, "client_id": client_id, "secret": secret}
    return {"openid_connect": {"APPS": [app | {"settings": {"server_url": issuer}}], "OAUTH_PKCE_ENABLED": True}}


OIDC_ISSUER = env_url("OIDC_ISSUER")
OIDC_NAME = env_text("OIDC_NAME", urlsplit(OIDC_ISSUER).hostname or "")
OIDC_DOMAIN = env_text("OIDC_DOMAIN").lower().removeprefix("@")
SOCIALACCOUNT_PROVIDERS = sign_on(OIDC_ISSUER, env_text("OIDC_CLIENT_ID"), env_text("OIDC_CLIENT_SECRET"), OIDC_NAME)
SOCIALACCOUNT_ADAPTER = "generations.web.single_sign_on.StudioSocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # verified addresses only
REQUIRE_MFA = env_bool("REQUIRE_MFA")
MFA_ADAPTER = "generations.accounts.second_factor.StudioMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "generations.web.passkeys.PasskeyForm"}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by admins and invitations, nobody signs up
MFA_TOTP_TOLERANCE = 1  # thirty seconds either way
SESSION_COOKIE_AGE = 14 * 24 * 3600


def mailer() -> dict[str, Any]:
    """EMAIL_URL as Django wants it: smtp:// with STARTTLS, smtps:// with TLS from the start; none: files."""
    parts = urlsplit(env_text("EMAIL_URL"))
    if not any(parts):
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(DATA_DIR / "mail")},
        }
    more, is_tls = dict(parse_qsl(parts.query)), parts.scheme == "smtps"
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not more.keys() <= {"tls"}:
        raise Unusable("EMAIL_URL must look like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465.")
    options = {
        "host": parts.hostname,
        "port": parts.port or (465 if is_tls else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": is_tls,
        "use_tls": not is_tls and more.get("tls") != "0",
        "timeout": 10,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


MAILERS = {"default": mailer()}
SENDS_MAIL = bool(env_text("EMAIL_URL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_text("EMAIL_FROM", f"relayweb@{PUBLIC_HOST or 'localhost'}")
SILENCED_SYSTEM_CHECKS = ["mail.E001"]  # on purpose: a studio without a mail server keeps its mail in DATA_DIR/mail

# ----------------------------------------------------------------- browser security

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", *MEDIA_ORIGINS],
    "media-src": [CSP.SELF, *MEDIA_ORIGINS],
    "font-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF, *(["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_ISSUER))] if OIDC_ISSUER else [])],
    "report-uri": ["/csp-report/"],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if IS_HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["generations.web.upload_handlers.NoFiles"]  # the library's page alone takes files


def is_not_about_healthz(record: logging.LogRecord) -> bool:
    """A 503 of /healthz tells its caller, every few seconds; the log need not hear each."""
    return getattr(getattr(record, "request", None), "path", "") != "/healthz"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"not_healthz": {"()": "django.utils.log.CallbackFilter", "callback": is_not_about_healthz}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO" if DEBUG else "WARNING"},
    "loggers": {
        "generations": {"level": "INFO"},
        "httpx": {"level": "WARNING"},
        "django.request": {"filters": ["not_healthz"]},
    },
}
