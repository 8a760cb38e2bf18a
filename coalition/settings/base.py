"""What every environment shares. What an operator may change is read from the environment, here and nowhere else."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from coalition.settings.intake import *  # noqa: F403
from coalition.settings.mail import mail_settings
from coalition.settings.people import *  # noqa: F403
from coalition.settings.people import FORM_TARGETS, PEOPLE_APPS

REPOSITORY = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("COALITION_DATA_DIR") or REPOSITORY / "var")

# --- identity -----------------------------------------------------------------------------------------------------

SITE_NAME = os.environ.get("COALITION_SITE_NAME", "Coalition")
# The address people type. Cookies, links in mail and feeds follow its scheme and host.
PUBLIC_URL = os.environ.get("COALITION_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
THEME = os.environ.get("COALITION_THEME", "coalition")
THEME_DIR = REPOSITORY / "themes" / THEME

# --- what it is made of -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "coalition.ops",
    "coalition.mail",
    "coalition.alerts",
    "coalition.intake.reading",
    "coalition.intake.publishing",
    "coalition.intake",
    "coalition.coalitions",
    "coalition.allies",
    "coalition.organizing",
    "coalition.membership",
    "coalition.accounts",
    "search",
    "cms.content",
    "cms.home",
    "cms.stories",
    "cms.campaigns",
    "cms.archives",
    "cms.resources",
    "cms.organizations",
    "cms.taxonomy",
    "cms.base",
    "cms.sources",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "anymail",
    *PEOPLE_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "coalition.intake.middleware.ConfidentialPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coalition.accounts.middleware.TimeZoneMiddleware",
    "coalition.accounts.middleware.AccountPagesMiddleware",
    "coalition.accounts.middleware.SessionLimitsMiddleware",
    "coalition.accounts.middleware.MfaRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "cms.base.middleware.RefusalMiddleware",
    "coalition.accounts.admin_refusals.AdminRefusalMiddleware",
    "coalition.patience.DatabasePatienceMiddleware",
]

ROOT_URLCONF = "coalition.urls"
WSGI_APPLICATION = "coalition.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [THEME_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "coalition.context.site",
            ],
        },
    },
]

# --- data ---------------------------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.config(default="postgresql:///coalition", conn_max_age=60, conn_health_checks=True),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# To link takes minutes where much is new, and hours where everything is: nothing else waits in the same queue, least of
# all mail. The Procfile has a process for each.
TASK_QUEUES = ["default", "links"]
TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": TASK_QUEUES},
}

# What limits count by must be the same in all processes; all else is quicker in a process's own memory.
CACHES = {
    "default": {"BACKEND": "coalition.cache.SplitCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "coalition_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    },
}

# --- mail ---------------------------------------------------------------------------------------------------------

globals().update(mail_settings(named=os.environ.get("COALITION_MAIL", "file"), folder=DATA_DIR / "mail"))
DEFAULT_FROM_EMAIL = os.environ.get("COALITION_MAIL_FROM") or (
    f"{SITE_NAME} <no-reply@{urlsplit(PUBLIC_URL).hostname or 'localhost'}>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- languages ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
LOCALE_PATHS = [REPOSITORY / "coalition" / "locale"]
TIME_ZONE = os.environ.get("COALITION_TIME_ZONE", "America/Los_Angeles")
USE_I18N = True
USE_TZ = True

# --- files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [THEME_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# An upload is in memory until it is cleaned; Django's other way writes it to the temporary folder as it came.
FILE_UPLOAD_HANDLERS = ["cms.base.uploads.BoundedUploadHandler"]
UPLOAD_MOST_BYTES = 25 * 1024 * 1024
# What is stored of them is JPEG, PNG or WEBP (cms/base/pixels.py).
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "jpeg", "jpg", "png", "tif", "tiff", "webp"]
# Counted before a picture is decoded, all frames together.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000

# Where backups go, and whom they are sealed to, unless the data folder holds it (manage backup key).
BACKUPS = Path(os.environ.get("COALITION_BACKUPS") or DATA_DIR / "backups")
BACKUPS_DAILY = bool(os.environ.get("COALITION_BACKUPS"))
BACKUPS_KEPT = int(os.environ.get("COALITION_BACKUPS_KEPT") or 14)
BACKUP_RECIPIENT = os.environ.get("COALITION_BACKUP_RECIPIENT", "")

# --- Wagtail ------------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 5
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "wagtail.search.backends.database"},
}
# Gravatar and the update check would tell a third party who works here, and when.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []

# What an organization's owner has approved goes live; owners have no rights in the admin that Wagtail could ask for.
WAGTAIL_FINISH_WORKFLOW_ACTION = "coalition.organizing.finishing.publish_reviewed"

WAGTAILIMAGES_IMAGE_MODEL = "base.SiteImage"
# What is broken, two things at once, or no document is refused in a sentence.
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.base.upload_forms.ImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.base.upload_forms.DocumentForm"

# --- matching -----------------------------------------------------------------------------------------------------

# Where set-up keeps the encoder it makes from the model's weights.
ENCODER_DIR = DATA_DIR / "encoder"
# "minilm" (English), "multilingual" (requirements-multilingual.txt), or "none" to match by words and concepts alone.
ENCODER = os.environ.get("COALITION_ENCODER", "minilm")

# --- Elasticsearch ------------------------------------------------------------------------------------------------

# Scheme, host and port; empty: the database answers every search.
ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_URL", "")
# One of the two ways to sign in, if it asks for one. The key or user may monitor the cluster, and do everything with
# indexes whose names begin with the prefix.
ELASTICSEARCH_API_KEY = os.environ.get("ELASTICSEARCH_API_KEY", "")
ELASTICSEARCH_USER = os.environ.get("ELASTICSEARCH_USER", "")
ELASTICSEARCH_PASSWORD = os.environ.get("ELASTICSEARCH_PASSWORD", "")
# The certificate of the authority that signed its own, where that is not a public one.
ELASTICSEARCH_CA_FILE = os.environ.get("ELASTICSEARCH_CA_FILE", "")
# What the names of its indexes begin with: one for each site that uses it.
ELASTICSEARCH_PREFIX = os.environ.get("ELASTICSEARCH_PREFIX", "coalition")
# Copies of each index on other nodes.
ELASTICSEARCH_REPLICAS = int(os.environ.get("ELASTICSEARCH_REPLICAS", "0"))

# --- headers ------------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_COOKIE_HTTPONLY = True
# It ends with the browser: a year of it would say that somebody was here.
CSRF_COOKIE_AGE = None
# What somebody wrote is not lost because a form was open for long, or they signed in anew in another tab.
CSRF_FAILURE_VIEW = "coalition.intake.refusals.token_refused"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
CONTENT_SECURITY_POLICY = {
    # Wagtail's admin draws its own styles and scripts inline.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *FORM_TARGETS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- logs ---------------------------------------------------------------------------------------------------------

# What happened and to what, never who asked from where: no address, user agent or query string.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "coalition.logs.WithoutSentences",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"named": {"()": "coalition.logs.NamedAddresses"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["named"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own would mail administrators the whole request: cookies, what was posted, variables.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "propagate": False},
        # At DEBUG they quote what they work with, whatever level somebody gives to the rest.
        "django.db.backends": {"level": "WARNING"},
        "django.template": {"level": "WARNING"},
        # At DEBUG it quotes what a camera has written into a picture.
        "PIL": {"level": "WARNING"},
        # Wagtail names every page it saves.
        "wagtail": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        # Elasticsearch's client tells of every request, and of failures that whoever asked tells of.
        "elastic_transport": {"level": "ERROR"},
    },
}
