"""The form of a concept."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from cms.taxonomy.models import Concept
from cms.taxonomy.trees import in_tree_order


class _TreeChoiceField(forms.ModelChoiceField):
    """Shows each concept below what it belongs to."""

    def label_from_instance(self, obj: Any) -> str:
        """Indent by depth."""
        return f"{'— ' * obj.tree_depth}{obj}"


class ConceptForm(WagtailAdminModelForm):
    """Offers only concepts of the same scheme as the wider one, as a tree, and never the concept itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("broader")
        if field is None:
            return
        scheme = self.instance.scheme or self.instance.SCHEME
        others = Concept.objects.current().filter(scheme=scheme).exclude(pk=self.instance.pk)
        chooser = _TreeChoiceField(
            queryset=others, required=False, label=field.label, help_text=field.help_text, empty_label="—"
        )
        self.fields["broader"] = chooser
        chooser.choices = [
            ("", "—"),
            *((concept.pk, chooser.label_from_instance(concept)) for concept in in_tree_order(others)),
        ]
