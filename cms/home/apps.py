"""The ``home`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """The front page, and plain pages about the site."""

    name = "cms.home"
    label = "home"
    verbose_name = _("site structure")
