"""Mails about introductions. They say that something waits, and never what."""

from typing import Literal

from django.conf import settings
from django.urls import reverse

from cms.organizations.models import OrganizationPage
from coalition.allies.models import Introduction
from coalition.mail.writing import mail_send
from coalition.membership.selectors import ORGANIZING, people_of


def introduction_tell(
    *,
    introduction: Introduction,
    what: Literal["asked", "accepted", "wrote"],
    to: OrganizationPage,
    number: int = 0,
) -> None:
    """Tell the organizers of one side that something waits for them."""
    for person in people_of([to], roles=ORGANIZING):
        mail_send(
            key=f"introduction:{introduction.public_id}:{what}:{number}:{person.public_id}",
            kind="introduction",
            to=person.email,
            context={
                "what": what,
                "organization": to.title,
                "link": f"{settings.PUBLIC_URL}{reverse('introduction', args=[introduction.public_id])}",
            },
            language=person.language,
        )
