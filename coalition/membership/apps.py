"""Membership as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipConfig(AppConfig):
    """Who belongs to which organization."""

    name = "coalition.membership"
    label = "membership"
    verbose_name = _("membership")

    def ready(self) -> None:
        """Say what one is to an organization, and what waits for whom."""
        from coalition.membership import standings, waiting  # models are loaded only now

        # Imported for what they register.
        assert standings  # noqa: S101
        assert waiting  # noqa: S101
