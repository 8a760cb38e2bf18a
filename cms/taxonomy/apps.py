"""The ``taxonomy`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TaxonomyConfig(AppConfig):
    """Concepts (industries, technology types, harms, …), products and their vendors."""

    name = "cms.taxonomy"
    label = "taxonomy"
    verbose_name = _("vocabulary")
