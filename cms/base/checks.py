"""What the gate asks of every tagged page."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from cms.base.gate import refuses, warns
from cms.base.models import BasePage, TaggedPage
from cms.taxonomy.schemes import Scheme


@refuses
def situation_is_tagged(page: BasePage) -> Iterable[str]:
    """Nothing is published without industry and technology type: neither search nor matching could place it."""
    if not isinstance(page, TaggedPage):
        return
    if not page.concept_ids(Scheme.INDUSTRY):
        yield _(
            "Choose at least one industry under “What it is about” before you publish; "
            "“All industries” is there when it truly is about all of them."
        )
    if not page.concept_ids(Scheme.TECHNOLOGY):
        yield _("Choose at least one technology type under “What it is about” before you publish.")


@warns
def source_is_named(page: BasePage) -> Iterable[str]:
    """A page whose facts nobody can check is worth less to the people who rely on it."""
    if isinstance(page, TaggedPage) and not page.citations.all():
        yield _("This page names no source. Add one under “Where it comes from” if there is one to name.")
