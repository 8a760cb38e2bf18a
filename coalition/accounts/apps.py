"""Accounts as Django sees them."""

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, their sessions, and how they sign in."""

    name = "coalition.accounts"
    label = "accounts"
    verbose_name = _("accounts")

    def ready(self) -> None:
        """Hear what happens to accounts."""
        from coalition.accounts import hearing, traces  # noqa: F401

        if apps.is_installed("allauth.socialaccount"):
            from coalition.accounts import oidc  # noqa: F401
