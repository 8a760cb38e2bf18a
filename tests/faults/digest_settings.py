"""A site whose mail goes to files and whose tasks wait for a worker, for processes that are killed."""

from coalition.settings.base import *  # noqa: F403

SECRET_KEY = "test only"
ALLOWED_HOSTS = ["localhost"]
STYLEGUIDE = False
INTAKE_KEYS = ["dGVzdCBvbmx5LCBuZXZlciBmb3IgcGVvcGxlLi4uLi4="]
INTAKE_PEPPER = "test only"
