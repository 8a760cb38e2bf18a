"""How a fight ended, or stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """The outcome of a campaign or of what a resource stands for: one facet over both."""

    OPEN = "open", _("Being fought for")
    BARGAINING = "bargaining", _("In bargaining")
    PARTLY = "partly-won", _("Partly won")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
