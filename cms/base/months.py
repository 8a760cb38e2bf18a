"""A moment as coarse as its author wants: a year, or a year and a month."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _


class WhenMixin(models.Model):
    """Gives a page a year and, if wanted, a month. Nothing finer is asked for or kept."""

    when_year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2200)]
    )
    when_month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True, choices=list(MONTHS.items()))

    class Meta:
        """Columns of the page itself."""

        abstract = True

    def when(self) -> datetime.date | None:
        """Return the first day of the month, or of the year, for sorting; None when no year is known."""
        return datetime.date(self.when_year, self.when_month or 1, 1) if self.when_year else None
