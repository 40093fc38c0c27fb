"""Settings that do not depend on a service: names, languages, security, middleware order."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from saas.environment import (
    BASE_DOMAIN,
    DATA_DIR,
    ENVIRONMENT,
    HTTPS,
    IS_PRODUCTION,
    IS_TEST,
    REPOSITORY,
    flag,
    number,
    port,
    secret_key,
    text,
)

# --- who we are; these settings rebrand every page, mail and document ---
PRODUCT_NAME = text("KONTOR_PRODUCT_NAME", "Kontor")
PRODUCT_COLOR = text("KONTOR_PRODUCT_COLOR", "#4f46e5")
PRODUCT_LOGO = text("KONTOR_PRODUCT_LOGO", "/static/logo.svg")
SUPPORT_EMAIL = text("KONTOR_SUPPORT_EMAIL", "support@localhost")

KONTOR_ENV = ENVIRONMENT
KONTOR_DATA = DATA_DIR
KONTOR_BASE_DOMAIN = BASE_DOMAIN
KONTOR_PORT = port()
KONTOR_HTTPS = HTTPS
#: `http://` + host + this = an address people can open.
KONTOR_PUBLIC_PORT = number("KONTOR_PUBLIC_PORT", 443 if HTTPS else KONTOR_PORT)
KONTOR_POOL_SIZE = number("KONTOR_POOL_SIZE", 3)
#: Whether deployment brings the workspaces to the new level by itself; else operators start waves on the console.
KONTOR_MIGRATE_WORKSPACES = flag("KONTOR_MIGRATE_WORKSPACES", True)

#: A page or API call may keep the database busy this long; background work has its own limits.
KONTOR_STATEMENT_TIMEOUT_MS = number("KONTOR_STATEMENT_TIMEOUT_MS", 15_000)
#: A statement of background work in a workspace.
KONTOR_JOB_STATEMENT_TIMEOUT_MS = number("KONTOR_JOB_STATEMENT_TIMEOUT_MS", 120_000)

#: Requests a workspace may send per minute, all its people and programs together; 0 is unlimited. Operators can
#: set another rate for one workspace.
KONTOR_REQUESTS_PER_MINUTE = number("KONTOR_REQUESTS_PER_MINUTE", 6000)

#: Threads of one web process; how many requests it serves side by side.
KONTOR_WEB_THREADS = number("KONTOR_WEB_THREADS", 8)
KONTOR_WEB_PROCESSES = number("KONTOR_WEB_PROCESSES", 2)

#: Name servers custom domains are looked up at, separated by spaces; empty: the machine's own.
KONTOR_DNS_SERVERS = text("KONTOR_DNS_SERVERS").split()
# Providers of identities inside the own network that single sign-on may ask all the same, as host:port.
KONTOR_SSO_INTERNAL_HOSTS = text("KONTOR_SSO_INTERNAL_HOSTS").split()
#: What customers' CNAME records lead to; empty: `domains.` and the base domain.
KONTOR_CUSTOM_DOMAIN_TARGET = text("KONTOR_CUSTOM_DOMAIN_TARGET")

#: Proof of work at sign-up: `auto` (while many sign up), `always` or `never`.
KONTOR_SIGNUP_PROOF = text("KONTOR_SIGNUP_PROOF", "auto")

DEBUG = flag("KONTOR_DEBUG", False)
SECRET_KEY = secret_key()
# Hosts are decided by the Domain table: WorkspaceMiddleware answers 404 for a host nobody registered, and
# customers bring their own domains. Absolute addresses are built from the Domain row, never from Host.
ALLOWED_HOSTS = ["*"]

#: Former keys, separated by spaces: what they signed or sealed still opens during a rotation (F16).
SECRET_KEY_FALLBACKS = text("KONTOR_SECRET_KEY_FALLBACKS").split()
#: Networks the operators' console answers to, separated by spaces (10.0.0.0/8 2001:db8::/32); empty: all.
KONTOR_OPERATOR_NETWORKS = text("KONTOR_OPERATOR_NETWORKS").split()
#: A second port for machines of the operator only (metrics, certificates on demand); 0: there is none.
KONTOR_INTERNAL_PORT = number("KONTOR_INTERNAL_PORT", 0)
#: From where it answers, separated by spaces: loopback and private networks unless said otherwise.
KONTOR_INTERNAL_NETWORKS = text(
    "KONTOR_INTERNAL_NETWORKS", "127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"
).split()

ROOT_URLCONF = "saas.urls_workspace"
PUBLIC_SCHEMA_URLCONF = "saas.urls_public"
OPERATOR_URLCONF = "saas.urls_operator"
OPERATOR_URLCONF = "saas.urls_operator"  # host ops.<base domain>
WSGI_APPLICATION = "saas.wsgi.application"


def _delivered(*paths: str) -> list[str]:
    """The middleware among `paths` whose module is in the tree."""
    return [p for p in paths if (REPOSITORY / (p.rsplit(".", 1)[0].replace(".", "/") + ".py")).exists()]


# Order matters: health and refusals come before the workspace is looked up, the workspace before the
# session (sessions live in the workspace's own schema).
MIDDLEWARE = _delivered(
    "saas.health.HealthMiddleware",
    "saas.internal.middleware.InternalMiddleware",
    "saas.internal.metrics.MetricsMiddleware",
    "saas.middleware.RequestIdMiddleware",
    "saas.middleware.SecurityHeadersMiddleware",
    "saas.bad_input.BadInputMiddleware",
) + [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *_delivered("tenants.middleware.WorkspaceMiddleware"),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *_delivered("tenants.identity.middleware.SessionGuardMiddleware"),
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "saas.branding.product",
            ]
        },
    }
]

# --- log-in ---
AUTHENTICATION_BACKENDS = ["tenants.identity.backends.WorkspaceBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if IS_TEST:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")  # tests make many users
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["tenants.identity.backends.WorkspaceBackend"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "tenants.identity.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Cookies are host-only: no cookie Domain, so no session reaches another workspace (SAAS.md §1.3 row 13).
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "kontor_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "saas.errors.csrf_failure"

# --- transport ---
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; it knows which hosts have a certificate
KONTOR_BEHIND_PROXY = flag("KONTOR_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if KONTOR_BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
#: Largest accepted request body, bytes. Uploads stream to disk above FILE_UPLOAD_MAX_MEMORY_SIZE.
KONTOR_MAX_BODY = number("KONTOR_MAX_BODY", 2 * 1024 * 1024)
KONTOR_MAX_UPLOAD = number("KONTOR_MAX_UPLOAD", 256 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = KONTOR_MAX_BODY
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- languages and time ---
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("sv", _("Swedish")),
    ("ru", _("Russian")),
    ("bg", _("Bulgarian")),
]
LOCALE_PATHS = [
    path
    for name in ("saas", "tenants", "billing", "onboarding", "crm_core")
    if (path := REPOSITORY / name / "locale").exists()
]

# --- static files and the single-page application ---
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static" if IS_PRODUCTION else None  # otherwise served from where they lie
FRONTEND_DIST = REPOSITORY / "frontend" / "dist"
#: Vite writes hashed names below /assets; served from here with a far expiry.
WHITENOISE_ROOT = FRONTEND_DIST if FRONTEND_DIST.exists() else None
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_INDEX_FILE = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/.+-[\w-]{8,}\.\w+$"

SENTRY_DSN = text("SENTRY_DSN")
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]  # the proxy does HSTS and redirects
