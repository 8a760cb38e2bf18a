"""Search as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Listens to what is published and keeps the searchable projection of it."""

    name = "search"
    label = "search"
    verbose_name = _("search")

    def ready(self) -> None:
        """Listen."""
        from search import listening  # noqa: F401  models must be loaded first
