"""Stories that match nothing: often a better tag is all they need."""

from django.db.models import QuerySet

from search.models import Document, Judgement, Link

# Fewer than this much alike in its closest sentences, and without a concept in common, a link tells nobody anything.
LEAST_TELLING = 0.35


def unmatched_stories() -> QuerySet[Document]:
    """Return stories of whose links none shares a topic or comes close in words, and which no editor has linked."""
    telling = Link.objects.filter(target__kind="story", source__kind="story").exclude(
        reasons__shared=[], reasons__similarity__lt=LEAST_TELLING
    )
    confirmed = Judgement.objects.filter(verdict=Judgement.Verdict.CONFIRMED)
    return (
        Document.objects.present()
        .filter(kind="story")
        .exclude(pk__in=telling.filter(reasons__shared__0__isnull=False).values("source"))
        .exclude(pk__in=telling.filter(reasons__similarity__gte=LEAST_TELLING).values("source"))
        .exclude(pk__in=confirmed.values("first"))
        .exclude(pk__in=confirmed.values("second"))
    )
