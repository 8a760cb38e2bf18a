"""Where somebody finds what they follow, from their own page. News needs nobody: it is on a page of its own."""

from collections.abc import Iterable

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coalition.accounts.models import User
from coalition.accounts.places import Place, places_for
from coalition.alerts.models import Entry


@places_for
def following(user: User) -> Iterable[Place]:
    """Return the page of news, with how many are unread, and the page of follows."""
    unread = (
        Entry.objects.filter(follow__follower__user=user, created__gt=F("follow__seen_until"))
        .filter(news__document__is_gone=False)
        .values("news")
        .distinct()
        .count()
    )
    what = ngettext("%(count)s unread", "%(count)s unread", unread) % {"count": unread}
    yield Place(_("News of what you follow"), reverse("follow_news"), what if unread else "")
    yield Place(_("What you follow"), reverse("follow_mine"), _("how often you hear of it, and where"))
