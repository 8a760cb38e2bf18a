"""Merging a concept into another, in the admin: choose, see what would move, confirm."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.base.merging import concept_merge, merge_counts
from cms.taxonomy.models import PROXIES, Concept
from cms.taxonomy.schemes import Scheme


class MergeForm(forms.Form):
    """Into which concept."""

    target = forms.ModelChoiceField(queryset=Concept.objects.none(), label=gettext_lazy("Merge it into"))

    def __init__(self, *args: object, source: Concept, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        others = Concept.objects.current().filter(scheme=source.scheme).exclude(pk=source.pk).order_by("pref_label")
        self.fields["target"].queryset = others  # type: ignore[attr-defined]


def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a merge would move, and do it."""
    concept = get_object_or_404(Concept.objects.current(), pk=pk)
    model = PROXIES[Scheme(concept.scheme)]
    options = model._meta
    if not request.user.has_perm(f"{options.app_label}.delete_{options.model_name}"):
        raise PermissionDenied
    form = MergeForm(request.POST or None, source=concept)
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["target"]
        try:
            counts = concept_merge(source=concept, target=target)
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error("target", sentence)
        else:
            messages.success(
                request,
                _("Merged “%(source)s” into “%(target)s”: %(pages)d pages moved, and its address leads there now.")
                % {"source": concept.pref_label, "target": target.pref_label, "pages": counts.pages},
            )
            return redirect(reverse(f"wagtailsnippets_{options.app_label}_{options.model_name}:list"))
    return render(request, "cms_admin/merge.html", {"concept": concept, "form": form, "counts": merge_counts(concept)})
