"""Outgoing mail as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    """Outgoing mail."""

    name = "coalition.mail"
    label = "mail"
    verbose_name = _("outgoing mail")
