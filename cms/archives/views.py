"""Pages about people who spoke at events."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from wagtail.models import Page

from cms.archives.models import Participation
from cms.archives.people import Person


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Show somebody's public participations, over all events."""
    someone = get_object_or_404(Person, slug=slug)
    public = Page.objects.live().public().values("pk")
    participations = (
        Participation.objects.filter(person=someone, page__in=public)
        .select_related("page", "organization")
        .order_by("-page__first_published_at")
    )
    return render(request, "pages/person.html", {"person": someone, "participations": participations})


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List everybody who took part in a public event."""
    public = Page.objects.live().public().values("pk")
    everyone = Person.objects.filter(participations__page__in=public).distinct()
    return render(request, "pages/people.html", {"people": everyone})
