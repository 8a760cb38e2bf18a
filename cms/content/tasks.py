"""Loading the demonstration set takes a minute: the worker does it, not the request that asked for it."""

from django_tasks import task

from cms.content.loading import content_load
from cms.content.reading import DEMONSTRATION, FIRST


@task()
def demonstration_load() -> str:
    """Load the first content, where it is missing, and the demonstration set; return what was done."""
    content_load(content_set=FIRST)
    return str(content_load(content_set=DEMONSTRATION))
