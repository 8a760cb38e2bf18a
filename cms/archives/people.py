"""People who spoke at events, kept apart from the events so that they are found over all of them."""

import uuid

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index


class Person(index.Indexed, models.Model):
    """Somebody who spoke in public. Role and organization stand at each participation, as they were at that time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("address"), max_length=160, unique=True, blank=True)
    about = models.TextField(_("about"), blank=True)
    is_demonstration = models.BooleanField(_("made up, for demonstration"), default=False, editable=False)

    panels = [FieldPanel("name"), FieldPanel("about"), FieldPanel("slug")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name")]

    class Meta:
        """By name."""

        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Make an address from the name if there is none; namesakes are told apart."""
        if not self.slug:
            base = slugify(self.name)[:150] or "person"
            self.slug = base
            number = 2
            while Person.objects.filter(slug=self.slug).exclude(pk=self.pk).exists():
                self.slug = f"{base}-{number}"
                number += 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        """Return the address of the page that gathers what this person took part in."""
        return reverse("person", args=[self.slug])
