"""For the suite: fast passwords, tasks run at once, everything else as in production."""

from coalition.settings.base import *  # noqa: F403
from coalition.settings.base import TASK_QUEUES

DEBUG = False
# The browser tests' server must not hold the test database open.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
SECRET_KEY = "test only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": TASK_QUEUES}}
STYLEGUIDE = True
# Static files come from the theme's own folder; nothing is collected.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Never for what people tell: production reads its own from files.
INTAKE_KEYS = ["dGVzdCBvbmx5LCBuZXZlciBmb3IgcGVvcGxlLi4uLi4="]
INTAKE_PEPPER = "test only"
