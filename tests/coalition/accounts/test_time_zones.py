"""The list of time zones is drawn as Django draws lists, only sooner."""

import pytest
from django import forms
from django.test.html import parse_html

from coalition.accounts.time_zones import TimeZoneField, time_zone_choices


class Drawn(forms.Form):
    """With our field."""

    ours = TimeZoneField(help_text="Where you are.", initial="America/Los_Angeles")


class Model(forms.Form):
    """With Django's own."""

    ours = forms.ChoiceField(help_text="Where you are.", initial="America/Los_Angeles", choices=time_zone_choices)


@pytest.mark.parametrize("data", [None, {"ours": "Europe/Paris"}, {"ours": '"><b>'}])
def test_it_is_the_element_that_django_draws(data: dict[str, str] | None) -> None:
    drawn, model = Drawn(data), Model(data)
    assert parse_html(str(drawn["ours"])) == parse_html(str(model["ours"]))
    assert str(drawn["ours"]).count("<option") == len(time_zone_choices()) > 300
    assert drawn.errors == model.errors


def test_places_stand_in_it_in_order_and_universal_time_last() -> None:
    values = [value for value, _label in time_zone_choices()]
    assert values[:-1] == sorted(values[:-1])
    assert values[-1] == "UTC"
    assert ("America/Los_Angeles", "America/Los Angeles") in time_zone_choices()
    assert not [value for value in values if value.startswith("Etc/")]
