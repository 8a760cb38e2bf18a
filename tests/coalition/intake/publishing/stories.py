"""Something told, on its way to a public story, through the functions that pages call."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from cms.home.structure import site_structure_create
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import User
from coalition.accounts.roles import MODERATORS
from coalition.intake.models import Submission
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import Content, content_make, sha256
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.proposing import proposal_send
from coalition.intake.publishing.release import story_release
from coalition.intake.reading.assigning import submission_take
from tests import factories
from tests.coalition.intake.teller import told


def moderator(name: str = "moderator") -> User:
    """Return a moderator with a second lock."""
    return factories.user(f"{name}@example.org", display_name=name.title(), groups=(MODERATORS,))


def client_of(user: User) -> Client:
    """Return a client in which somebody has signed in."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def text(**more: Any) -> Content:
    """Return a text that can be sent."""
    industry = factories.concept(Scheme.INDUSTRY, "Test industry", notation="999")
    technology = factories.concept(Scheme.TECHNOLOGY, "Test technology")
    given = {
        "headline": "A badge counts every step",
        "standfirst": "Cleaners are counted.",
        "body": ["They count steps.", "Nobody asked."],
        "stage": "in-use",
        "standing": "worker",
        "language": "en",
        "year": 2026,
        "month": 3,
        "industry": [industry.public_id],
        "technology": [technology.public_id],
    }
    return content_make(**{**given, **more})


def proposed(**more: Any) -> tuple[Submission, list[str], Content]:
    """Have something told, taken and proposed; return it, its code, and the text as the teller sees it."""
    site_structure_create()
    submission, words = told()
    who = User.objects.filter(email="moderator@example.org").first() or moderator()
    submission_take(submission=submission, moderator=who)
    proposal = proposal_send(submission=submission, content=text(**more))
    return submission, words, proposal.open("content")


def agreed(**more: Any) -> tuple[Consent, list[str]]:
    """Have it said yes to."""
    submission, words, content = proposed(**more)
    return consent_give(submission=submission, seen=sha256(content).hex()), words


def published(**more: Any) -> tuple[StoryPage, Submission, list[str]]:
    """Have it released, whatever the day."""
    consent, words = agreed(**more)
    Consent.objects.filter(pk=consent.pk).update(due_on=timezone.localdate() - timedelta(1))
    return story_release(consent=consent), consent.submission, words
