"""Time zones to choose from: all that the tz database has for a place."""

import functools
import zoneinfo
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@functools.cache
def time_zone_names() -> frozenset[str]:
    """Return every name of the tz database. Looking walks through some hundred files, so it is done once a process."""
    return frozenset(zoneinfo.available_timezones())


def time_zone_choices() -> list[tuple[str, str]]:
    """Return the time zones, by name; those with no place in their name are left out."""
    names = sorted(name for name in time_zone_names() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in [*names, "UTC"]]


class TimeZoneSelect(forms.Select):
    """A select drawn at once: Django's renders two templates for each of some five hundred options."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the same element as Django's."""
        chosen = str(value)
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((zone, SafeString(" selected") if zone == chosen else "", label) for zone, label in self.choices),
        )
        return format_html(
            '<select name="{}"{}>\n{}\n</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


class TimeZoneField(forms.ChoiceField):
    """One of the time zones."""

    widget = TimeZoneSelect

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=time_zone_choices, **more)
