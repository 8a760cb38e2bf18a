"""The review: one pair after the other, what teaches most first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.curation.queue import MOST_OF_ONE_PAGE, Waiting, Why, queue
from search.matching.situations import reasons_drawn, signal_names
from search.models import Link
from search.vocabulary import Vocabulary


def review_address(at: str) -> str:
    """Return the address of the review at a place in the queue; whatever is no such place is its beginning."""
    return f"{reverse('search_link_review')}?at={_place(at)}"


def _place(at: str) -> int:
    # Four digits are more than the queue is long.
    return int(at) if at.isascii() and at.isdigit() and len(at) <= 4 else 0


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Show one pair that waits; a verdict on it leads to the next.

    ``at`` in the address is its place in the queue: whoever is not sure passes a pair over, and it stays there.
    """
    place = _place(request.GET.get("at", ""))
    waiting = queue()
    shown = waiting[place] if place < len(waiting) else None
    link = shown and (
        Link.objects.filter(source_id=shown.source_id, target_id=shown.target_id)
        .select_related("source", "target")
        .first()
    )
    return render(
        request,
        "search_admin/review.html",
        {
            "link": link,
            "why": why_sentence(shown) if shown else "",
            "reason": (
                reasons_drawn([(link.reasons, (link.source, link.target))], Vocabulary.load(get_language()))[0]
                if link
                else None
            ),
            "place": place,
            "waiting": len(waiting),
            "most_of_one": MOST_OF_ONE_PAGE,
        },
    )


def why_sentence(waiting: Waiting) -> str:
    """Return why a pair is before the editor, in a sentence."""
    names = signal_names()
    if waiting.why is Why.DOUBTED:
        return ngettext(
            "%(count)d reader finds them not alike.", "%(count)d readers find them not alike.", waiting.doubts
        ) % {"count": waiting.doubts}
    if waiting.why is Why.DISAGREEMENT:
        return _("“%(strong)s” speaks strongly for it, “%(weak)s” does not.") % {
            "strong": names.get(waiting.strong, waiting.strong),
            "weak": names.get(waiting.weak, waiting.weak),
        }
    if waiting.why is Why.EDGE:
        return _("It stands just at the edge between shown and not shown.")
    return _("Nobody has judged it yet.")
