"""Published pictures, served by the site itself: no web server before it is needed.

Renditions and portraits alone: originals are nobody's to fetch, and documents have a view of Wagtail's, which asks who
may read them.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

# Names are random and a file never changes; a day is how long a picture may outlive its page in a reader's browser.
_SECONDS = 24 * 60 * 60


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a picture.

    Raises:
        Http404: there is none of this name.
    """
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    # The time of a file is the time of its publication, to the second.
    response.headers.pop("Last-Modified", None)
    return response
