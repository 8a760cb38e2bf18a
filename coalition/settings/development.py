"""On a developer's machine: errors in the browser, no cached templates, the style guide."""

from coalition.settings.base import *  # noqa: F403

DEBUG = True
SECRET_KEY = "development only: production reads its own from a file"  # noqa: S105
ALLOWED_HOSTS = ["*"]
STYLEGUIDE = True
# Never for what people tell: production reads its own from files.
INTAKE_KEYS = ["ZGV2ZWxvcG1lbnQgb25seSwgbmV2ZXIgZm9yIHBlb3A="]
INTAKE_PEPPER = "development only"
# Errors with their sentences: nobody tells anything in confidence here.
LOGGING["formatters"]["line"].pop("()")  # type: ignore[index]  # noqa: F405
