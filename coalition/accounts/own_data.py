"""One's own data: all of it to take along, and the end of the account.

Apps that hold something about people register here, from their ``AppConfig.ready``:

    @exports("follows")
    def follows(user: User) -> list[dict[str, str]]: ...

    @before_deletion
    def leave_organizations(user: User) -> None: ...
"""

from collections.abc import Callable
from typing import TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from coalition.accounts.models import Session, User
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_take_back

Row = TypeVar("Row", bound=Model)
# Anything that ``DjangoJSONEncoder`` writes.
Exporter = Callable[[User], object]
Preparation = Callable[[User], None]

_exporters: dict[str, Exporter] = {}
_preparations: list[Preparation] = []


class DeletionRefusedError(ProtectedError):
    """The account cannot be deleted yet; the sentence says to the person what to do first."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, set())
        self.sentence = sentence


def exports(name: str) -> Callable[[Exporter], Exporter]:
    """Register a function that says, under a name, what the site holds about a user.

    Raises:
        ValueError: another function has the name.
    """

    def register(function: Exporter) -> Exporter:
        if _exporters.setdefault(name, function) is not function:
            raise ValueError(f"Two exports are called {name}.")
        return function

    return register


def before_deletion(function: Preparation) -> Preparation:
    """Register a function that is called in the transaction that deletes a user, before it does, through any door.

    It may raise ``DeletionRefusedError``, and then nothing is changed by anybody; or clean up what a cascade would not.
    """
    if function not in _preparations:
        _preparations.append(function)
    return function


def own_data(user: User) -> dict[str, object]:
    """Return everything that is registered about a user, by name."""
    return {name: _exporters[name](user) for name in sorted(_exporters)}


@transaction.atomic
def account_delete(*, user: User) -> None:
    """Delete a user, and with them all rows that are theirs alone. What they published stays, without them.

    Raises:
        DeletionRefusedError: something must be settled first.
    """
    deletion_prepare(user)
    user.delete()


def deletion_prepare(user: User) -> None:
    """Call, once, what is registered to come before a user is deleted.

    Raises:
        DeletionRefusedError: something must be settled first.
    """
    if getattr(user, "_deletion_is_prepared", False):
        return
    for prepare in _preparations:
        prepare(user)
    user._deletion_is_prepared = True  # type: ignore[attr-defined]


@exports("account")
def _account(user: User) -> dict[str, object]:
    return {
        "email": user.email,
        "display_name": user.display_name,
        "language": user.language,
        "time_zone": user.time_zone,
        "joined": user.date_joined,
        "last_sign_in": user.last_login,
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "groups": sorted(user.groups.values_list("name", flat=True)),
    }


@exports("sign_in")
def _sign_in(user: User) -> dict[str, object]:
    return {
        "sessions": list(Session.objects.filter(user=user).order_by("began_on").values("began_on", "seen_on")),
        "second_steps": list(
            Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at", "last_used_at")
        ),
    }


@before_deletion
def _sign_in_elsewhere_goes(user: User) -> None:
    # Where that was switched off again, its table is still there, and no cascade knows it.
    table = "socialaccount_socialaccount"
    if not apps.is_installed("allauth.socialaccount") and table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE user_id = %s", [user.pk])


# Held by what knows nothing of accounts' data: the model, its field for the user, what is told of it.
ELSEWHERE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("base.SiteImage", "uploaded_by_user", ("title", "created_at")),
    ("wagtaildocs.Document", "uploaded_by_user", ("title", "created_at")),
    ("wagtailcore.Page", "owner", ("title", "url_path")),
    ("wagtailcore.Page", "locked_by", ("title", "locked_at")),
    ("wagtailcore.Revision", "user", ("object_str", "created_at")),
    ("wagtailcore.PageLogEntry", "user", ("label", "action", "timestamp")),
    ("wagtailcore.ModelLogEntry", "user", ("label", "action", "timestamp")),
    ("wagtailcore.Comment", "user", ("text", "created_at")),
    ("wagtailcore.Comment", "resolved_by", ("resolved_at",)),
    ("wagtailcore.CommentReply", "user", ("text", "created_at")),
    ("wagtailcore.WorkflowState", "requested_by", ("status", "created_at")),
    ("wagtailcore.TaskState", "finished_by", ("status", "comment", "finished_at")),
    ("wagtailcore.PageSubscription", "user", ("page__title", "comment_notifications")),
    ("wagtailcore.APIToken", "user", ("name", "created", "last_used_at")),
    ("wagtailadmin.EditingSession", "user", ("last_seen_at",)),
    ("wagtailusers.UserProfile", "user", ("preferred_language", "current_time_zone")),
    ("search.Judgement", "user", ("verdict", "reason", "decided_at")),
)


@exports("elsewhere")
def _elsewhere(user: User) -> dict[str, list[dict[str, object]]]:
    told: dict[str, list[dict[str, object]]] = {}
    for label, field, fields in ELSEWHERE:
        rows = apps.get_model(label)._default_manager.filter(**{field: user}).order_by("pk").values(*fields)
        if rows:
            told[f"{label} ({field})"] = [dict(row) for row in rows]
    return told


@before_deletion
def _mail_not_sent_goes(user: User) -> None:
    # Addresses in mails hang on no account: no cascade knows them.
    mails_take_back(addresses=addresses_of(user))


def addresses_of(user: User) -> set[str]:
    """Return every address that is an account's, in small letters: whoever writes to one may write it otherwise.

    One that is not confirmed may be somebody else's.
    """
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {each.lower() for each in (user.email, *confirmed)}


def sent_to(rows: QuerySet[Row], *, field: str, user: User) -> QuerySet[Row]:
    """Return the rows that name one of an account's addresses, whichever way it is written there.

    Args:
        rows: to choose from.
        field: that holds an address.
        user: whose.
    """
    found: QuerySet[Row] = rows.alias(written=Lower(field)).filter(written__in=addresses_of(user))  # type: ignore[assignment]
    return found


@exports("mail_not_sent")
def _mail_not_sent(user: User) -> list[dict[str, object]]:
    found = OutgoingMail.objects.to_any(addresses_of(user)).order_by("created", "pk")
    return [dict(each) for each in found.values("kind", "subject", "state", "created")]


@before_deletion
def _last_administrator_stays(user: User) -> None:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.select_for_update().exists():
        raise DeletionRefusedError(_("You are the only administrator. Make somebody else one first."))
