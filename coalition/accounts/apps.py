"""Accounts as Django sees them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The user model."""

    name = "coalition.accounts"
    label = "accounts"
    verbose_name = _("accounts")
