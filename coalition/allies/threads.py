"""What two organizations write to each other while both agree."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.allies.mails import introduction_tell
from coalition.allies.models import Introduction, Message


@transaction.atomic
def message_write(
    *, introduction: Introduction, organization: OrganizationPage, author: User, text: str, token: uuid.UUID
) -> Message:
    """Write to the other side.

    Args:
        introduction: an accepted one.
        organization: the author's side.
        author: who writes.
        text: what they say.
        token: of the form; the second call with it writes nothing.

    Raises:
        ValidationError: either side has ended the thread.
    """
    # The lock makes an end and a message take turns: after an end nothing arrives.
    current = Introduction.objects.select_for_update(of=("self",)).get(pk=introduction.pk)
    if current.state != Introduction.State.ACCEPTED:
        raise ValidationError(_("This thread has ended: nothing more can be written."))
    message, is_new = Message.objects.get_or_create(
        token=token,
        defaults={"introduction": current, "organization": organization, "author": author, "text": text},
    )
    if is_new:
        introduction_tell(introduction=current, what="wrote", to=current.other(organization.pk), number=message.pk)
    return message


def messages_read(*, introduction: Introduction, organization: OrganizationPage) -> None:
    """Remember that somebody of a side has seen what the other wrote, so that it no longer needs them."""
    unread = Message.objects.filter(introduction=introduction, read=None).exclude(organization=organization)
    unread.update(read=timezone.now())
