"""Photos that came with a text and that no text names any more: row and files go. For the beat.

Named they are by pages as they stand, by each page's latest draft, by what is live, waits for its hour or is being
read, and by texts kept beside a draft because two people wrote at once. What editors put into their library stays.
"""

from datetime import timedelta

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.models import Page, ReferenceIndex, Revision, TaskState

from cms.base.images import SiteImage

# A form that is open carries a photo that no text names yet.
OPEN_FOR = timedelta(days=1)


def photos_sweep() -> int:
    """Delete the photos that no text names; return how many that was."""
    gone = [image for image in _old() if not is_named(image)]
    for image in gone:
        # Renditions go with it, and all files once it is committed (Wagtail's own signals).
        image.delete()
    return len(gone)


def _old() -> list[SiteImage]:
    return list(SiteImage.objects.filter(is_loose=True, created_at__lt=timezone.now() - OPEN_FOR))


def is_named(image: SiteImage) -> bool:
    """Whether a page, a draft or a kept text names a photo."""
    if ReferenceIndex.get_references_to(image).exists():
        return True
    with connection.cursor() as cursor:
        revisions = _revisions().values_list("pk", flat=True)
        sql, parameters = revisions.query.sql_with_params()
        # In a stream the quotation marks are escaped, in a field of their own they are not.
        pattern = rf'image\\*": ?{image.pk}\M|\mid=\\*"{image.pk}\\*"'
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM wagtailcore_revision WHERE id IN ({sql}) AND content::text ~ %s)",
            [*parameters, pattern],
        )
        return bool(cursor.fetchone()[0])


def _revisions() -> "models.QuerySet[Revision]":
    """Return the texts that count: an earlier version that nobody waits for does not."""
    pages = Page.objects.filter(Q(latest_revision=OuterRef("pk")) | Q(live_revision=OuterRef("pk")))
    read = TaskState.objects.filter(revision=OuterRef("pk"), status=TaskState.STATUS_IN_PROGRESS)
    # See ``drafts._keep_beside``: a moment before the text that it came second to.
    beside = Revision.objects.filter(
        object_id=OuterRef("object_id"), created_at=OuterRef("created_at") + timedelta(microseconds=1)
    )
    return Revision.objects.order_by().filter(
        Exists(pages) | Exists(read) | Exists(beside) | Q(approved_go_live_at__isnull=False)
    )
