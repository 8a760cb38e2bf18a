"""What every template may say about the site itself."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the site's name and address."""
    return {"site_name": settings.SITE_NAME, "public_url": settings.PUBLIC_URL}
