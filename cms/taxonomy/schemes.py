"""The concept schemes (SKOS) of the site: one vocabulary for each question a tag answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scheme(models.TextChoices):
    """A vocabulary. The value is also the name of its facet and part of its addresses."""

    INDUSTRY = "industry", _("Industry")
    TECHNOLOGY = "technology", _("Technology type")
    HARM = "harm", _("Harm")
    RIGHT = "right", _("Right")
    STRATEGY = "strategy", _("Strategy")
    OCCUPATION = "occupation", _("Occupation")
    ARRANGEMENT = "arrangement", _("Work arrangement")
    AFFECTED = "affected", _("People affected")
    PLACE = "place", _("Place")
