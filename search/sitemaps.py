"""The sitemap: every public page, topic and person, without any time."""

from collections.abc import Iterator
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from wagtail.models import Page

from cms.archives.people import Person
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme


class AddressSitemap(Sitemap):
    """Addresses only: a time of change could lead to whoever was seen writing then."""

    def items(self) -> list[str]:
        """Return every address."""
        return list(self._addresses())

    @staticmethod
    def _addresses() -> Iterator[str]:
        # Not in the order of the tree, which tells in which order pages were made.
        for page in Page.objects.live().public().filter(depth__gt=1).order_by("url_path"):
            url = page.relative_url(None)
            if url:
                yield url
        yield from (reverse(name) for name in ("search", "match", "people"))
        yield from (reverse("topics", args=[scheme]) for scheme in Scheme.values)
        for concept in Concept.objects.current().order_by("scheme", "slug"):
            yield concept.get_absolute_url()
        for person in Person.objects.order_by("slug"):
            yield person.get_absolute_url()

    def location(self, item: Any) -> str:
        """Return the address itself."""
        return str(item)


SITEMAPS = {"all": AddressSitemap}
