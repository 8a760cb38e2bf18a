"""What the site promises the people who use it, sentence by sentence; and what nobody can promise.

``/privacy/`` shows these sentences, each under its id. Every id is named by a test (``@pytest.mark.promise``), and a
test holds the two lists equal: a sentence that nothing proves cannot stand there.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Sentence:
    """One sentence under an id that does not change."""

    id: str
    text: Lazy | str

    @property
    def said(self) -> str:
        """The sentence, with the numbers of days that the settings have."""
        days = {
            "keep": settings.INTAKE_KEEP_DAYS,
            "original": settings.INTAKE_ORIGINAL_DAYS,
            "idle": settings.SESSION_IDLE // (24 * 3600),
        }
        return str(self.text).format(**days)


@dataclass(frozen=True)
class Section:
    """Sentences about one matter."""

    id: str
    title: Lazy | str
    sentences: tuple[Sentence, ...]


READING = Section(
    "reading",
    _("When you read"),
    (
        Sentence("no-third-party", _("No page of this site loads anything from anybody else.")),
        Sentence("no-address", _("We keep neither your internet address nor which browser you use, in no log either.")),
        Sentence(
            "no-cookie",
            _("Reading sets no cookie. A page with a form to send may set one, which ends with your browser."),
        ),
        Sentence(
            "cookie-of-choice",
            _("If you choose a language, or say that two stories are not alike, a cookie keeps that choice."),
        ),
        Sentence("searches-not-kept", _("What you search for is kept nowhere, unless you follow the search.")),
        Sentence(
            "situations-not-kept", _("What you describe to find similar stories is answered, and then kept nowhere.")
        ),
    ),
)
FOLLOWING = Section(
    "following",
    _("When you follow something, or have an account"),
    (
        Sentence("mail-without-spies", _("Our mails hold no picture and no link that tells us whether you read them.")),
        Sentence("unsubscribe", _("Every mail that you follow by has a link that ends it, without signing in.")),
        Sentence("any-name", _("You can use any name you like.")),
        Sentence("take-along", _("You can take along everything that we hold about you, in one file.")),
        Sentence(
            "delete-account",
            _(
                "You can delete your account yourself, and what we hold about you goes with it. What you published "
                "stays, and a moderator’s name in the log of who opened what."
            ),
        ),
        Sentence("sessions", _("You see where you are signed in by the day, and can end each of them.")),
        Sentence("sessions-end", _("Whoever does not come back for {idle} days is signed out.")),
        Sentence("pictures-clean", _("Pictures are stripped of place, time and camera before they are stored.")),
    ),
)
TELLING = Section(
    "telling",
    _("When you tell what happened"),
    (
        Sentence("no-account-needed", _("You need no account, no e-mail and no name.")),
        Sentence("no-scripts-needed", _("It works without scripts, and by keyboard alone.")),
        Sentence(
            "sealed", _("What you write is locked with a key before it is stored, and the key is not in the database.")
        ),
        Sentence("day-alone", _("We keep the day on which you sent it, and never the time.")),
        Sentence(
            "code-not-kept",
            _("This site keeps your return code nowhere. While something is not sent yet, your browser may hold it."),
        ),
        Sentence("answers-by-code", _("Answers reach you by the code; you need not say how to reach you otherwise.")),
        Sentence("only-moderators", _("A few moderators read it, and nobody else.")),
        Sentence(
            "identity-with-reason",
            _(
                "What you write where we ask how to reach you, a moderator sees only by giving a reason, which "
                "administrators can read."
            ),
        ),
        Sentence(
            "log-two-years", _("Which moderator opened it is logged by the day, and that is deleted after two years.")
        ),
        Sentence(
            "own-employer",
            _(
                "A moderator who belongs to an organization that you name, as far as this site knows, cannot open it, "
                "unless an administrator says why in the log."
            ),
        ),
        Sentence(
            "two-yeses",
            _(
                "Nothing becomes public unless you have read the text and said yes to exactly it, or to the same said "
                "less exactly."
            ),
        ),
        Sentence(
            "released-later",
            _("A public story appears some days or weeks after your yes, together with others where there are any."),
        ),
        Sentence("month-alone", _("A public story shows the month and nothing finer.")),
        Sentence(
            "small-groups",
            _("Employer, place and month are made coarser until at least three stories share them, or say no more."),
        ),
        Sentence("taken-back", _("You can take it back at any time: it leaves the site at once, and is deleted.")),
        Sentence("ninety-days", _("What is not published is deleted after {keep} days.")),
        Sentence(
            "thirty-days",
            _(
                "What you wrote is deleted {original} days after you first say yes to a public text, even if that is "
                "taken back. What you add later has the same time of its own."
            ),
        ),
        Sentence("gone-from-backups", _("What was deleted does not come back with a backup.")),
        Sentence("mail-says-nothing", _("Mail that tells moderators of something new says nothing of what or who.")),
        Sentence("files-sealed", _("Files are locked while they arrive, and the original goes to nobody but you.")),
        Sentence("files-clean", _("Moderators see a copy of a file without its hidden data.")),
        Sentence(
            "no-trace", _("When you leave, your browser is told to forget the page, and its back button shows nothing.")
        ),
    ),
)
LIMITS = Section(
    "limits",
    _("What we cannot promise"),
    (
        Sentence(
            "limit-network",
            _("Your internet provider, or your employer’s network, can see that you came to this site."),
        ),
        Sentence(
            "limit-court",
            _(
                "A court can order the people who run this site to hand over what there is. What was never kept cannot "
                "be handed over."
            ),
        ),
        Sentence(
            "limit-screen", _("Your browser may list this page in its history, and somebody may see your screen.")
        ),
        Sentence("limit-words", _("Something that only you know can lead back to you, whoever tells it.")),
        Sentence(
            "limit-others",
            _("Copies that others make, and the companies that carry our mail and our name, are beyond our reach."),
        ),
    ),
)
SECTIONS: tuple[Section, ...] = (READING, FOLLOWING, TELLING, LIMITS)
