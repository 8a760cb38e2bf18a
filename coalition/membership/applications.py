"""Asking to bring in an organization, to keep the page of one, or to belong to one; and deciding on it.

Editors decide who keeps a page that nobody keeps; where an organization has owners, they decide who belongs to it.
Which of both holds is read when somebody looks: the last owner may have left since it was asked.
"""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.organizations.models import OrganizationIndexPage, OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.permissions import may
from coalition.mail.writing import mail_send
from coalition.membership.members import membership_add
from coalition.membership.models import Application, Membership
from coalition.membership.notices import waits_tell
from coalition.membership.selectors import people_of

MOST_OPEN = 5
Kind, State = Application.Kind, Application.State


def has_owner(organization: OrganizationPage) -> bool:
    """Whether somebody whose account is active owns the organization's page."""
    return Membership.objects.filter(
        organization=organization, role=Membership.Role.OWNER, user__is_active=True
    ).exists()


def asks_for(application: Application) -> Application.Kind:
    """Return what an application asks for as things are: where no owner is left to let anybody in, to keep the page."""
    kind = Kind(application.kind)
    return Kind.CLAIM if kind == Kind.JOIN and not has_owner(application.organization) else kind


def role_usual(application: Application) -> Membership.Role:
    """Return what somebody becomes by a yes that names no role: owner, or member of what has an owner already."""
    return Membership.Role.MEMBER if has_owner(application.organization) else Membership.Role.OWNER


def _limit(user: User) -> None:
    if Application.objects.filter(user=user, state=State.OPEN).count() >= MOST_OPEN:
        raise ValidationError(
            _("You have asked for several organizations. Wait for an answer before you ask for more.")
        )


@transaction.atomic
def organization_propose(*, page: OrganizationPage, user: User, note: str) -> Application:
    """Bring in a new organization: its page is kept as a draft until an editor approves.

    Args:
        page: as it is to be published, with its tags; not stored yet.
        user: who becomes its owner.
        note: who they are there.

    Raises:
        ValidationError: too much is open already, or there is no directory to put it in.
    """
    _limit(user)
    index = OrganizationIndexPage.objects.first()
    if index is None:
        raise ValidationError(_("This site has no directory of organizations yet. Ask the editors to make one."))
    page.live = False
    index.add_child(instance=page)
    page.save_revision(user=user)
    return Application.objects.create(kind=Kind.NEW, organization=page, user=user, note=note)


@transaction.atomic
def application_make(*, organization: OrganizationPage, user: User, note: str) -> Application:
    """Ask to keep an organization's page, or, where it has owners, to belong to it.

    Raises:
        ValidationError: the person belongs to it already, has asked already, or has asked too often.
    """
    if Membership.objects.filter(organization=organization, user=user).exists():
        raise ValidationError(_("You belong to this organization already."))
    _limit(user)
    kind = Kind.JOIN if has_owner(organization) else Kind.CLAIM
    try:
        with transaction.atomic():
            application = Application.objects.create(kind=kind, organization=organization, user=user, note=note)
    except IntegrityError as error:
        raise ValidationError(_("You have asked already. The answer comes by mail.")) from error
    if kind == Kind.JOIN:
        owners = people_of([organization], roles=(Membership.Role.OWNER,))
        waits_tell(key=f"application:{application.public_id}", people=owners)
    return application


@transaction.atomic
def application_withdraw(*, application: Application) -> bool:
    """Take one's question back; return whether it was still open."""
    current = Application.objects.select_for_update().get(pk=application.pk)
    if current.state != State.OPEN:
        return False
    current.state, current.decided = State.WITHDRAWN, timezone.now()
    current.save(update_fields=["state", "decided"])
    _drop_draft(current)
    return True


@transaction.atomic
def application_approve(*, application: Application, decided_by: User, role: str = "") -> Membership:
    """Say yes: a new organization is published, and whoever asked belongs to it.

    Args:
        application: an open one.
        decided_by: an editor, or an owner of the organization.
        role: theirs; empty for owner where there is none yet, and for member where there is.

    Raises:
        ValidationError: somebody has decided already.
        PublicationRefusedError: the new organization's page lacks something.
    """
    current = _open(application)
    usual = role_usual(current)
    if current.kind == Kind.NEW:
        page = current.organization
        revision = page.get_latest_revision_as_object().save_revision(user=decided_by)
        # The table of permissions was asked by whoever called.
        revision.publish(user=decided_by, skip_permission_checks=True)
    membership = membership_add(organization=current.organization, user=current.user, role=role or usual)
    _decide(current, State.APPROVED, decided_by, "")
    return membership


@transaction.atomic
def application_refuse(*, application: Application, decided_by: User, answer: str) -> None:
    """Say no, with a sentence for whoever asked; a new organization's draft is deleted.

    Raises:
        ValidationError: somebody has decided already.
    """
    current = _open(application)
    _decide(current, State.REFUSED, decided_by, answer)
    _drop_draft(current)


def applications_approve(*, applications: Iterable[Application], decided_by: User) -> list[tuple[Application, str]]:
    """Say yes to several, each with the role that is usual; return those that could not be, with the sentence why."""
    refused = []
    for application in applications:
        try:
            application_approve(application=application, decided_by=decided_by)
        except ValidationError as error:
            refused.append((application, error.messages[0]))
    return refused


def applications_refuse(
    *, applications: Iterable[Application], decided_by: User, answer: str
) -> list[tuple[Application, str]]:
    """Say no to several with one sentence; return those that could not be, with the sentence why.

    Raises:
        ValidationError: there is no sentence.
    """
    if not answer.strip():
        raise ValidationError(_("Say in a sentence why not: the person may be able to mend it."))
    refused = []
    for application in applications:
        try:
            application_refuse(application=application, decided_by=decided_by, answer=answer.strip())
        except ValidationError as error:
            refused.append((application, error.messages[0]))
    return refused


def applications_move(*, gone: OrganizationPage, kept: OrganizationPage) -> None:
    """Turn what was asked of one organization to another, which is the same; for a merge, once its people have moved.

    Who proposed the one as new hears that it is in the directory already. Who belongs to the other, or has asked there
    as well, has no second question.
    """
    for application in Application.objects.select_for_update().filter(organization=gone).order_by("pk"):
        if application.state == State.OPEN:
            if application.kind == Kind.NEW:
                with override(application.user.language or settings.LANGUAGE_CODE):
                    answer = _("It is in the directory already: %(organization)s. You can ask there to belong to it.")
                _decide(application, State.REFUSED, None, answer % {"organization": kept.title})
            elif (
                Membership.objects.filter(organization=kept, user=application.user).exists()
                or Application.objects.filter(organization=kept, user=application.user, state=State.OPEN).exists()
            ):
                continue
            else:
                application.kind = Kind.JOIN if has_owner(kept) else Kind.CLAIM
        application.organization = kept
        application.save(update_fields=["organization", "kind"])


def _open(application: Application) -> Application:
    current = Application.objects.select_for_update().get(pk=application.pk)
    if current.state != State.OPEN:
        raise ValidationError(_("This was decided already: %(state)s.") % {"state": current.get_state_display()})
    return current


def _decide(application: Application, state: Application.State, decided_by: User | None, answer: str) -> None:
    application.state, application.decided, application.decided_by = state, timezone.now(), decided_by
    application.answer = answer
    application.save(update_fields=["state", "decided", "decided_by", "answer"])
    mail_send(
        key=f"application:{application.public_id}",
        kind="application",
        to=application.user.email,
        context={
            "organization": application.organization.title,
            "approved": state == State.APPROVED,
            "answer": answer,
            "link": f"{settings.PUBLIC_URL}{reverse('you')}",
        },
        language=application.user.language,
    )


def _drop_draft(application: Application) -> None:
    page = application.organization
    if application.kind == Kind.NEW and not page.live:
        page.delete()


def applications_for(user: User) -> list[Application]:
    """Return everything on which somebody decides, oldest first of each."""
    return applications_for_owner(user) + (applications_for_editors() if may(user, "organizations.merge") else [])


def applications_for_editors() -> list[Application]:
    """Return what waits for an editor, oldest first: also who asks to belong where no owner is left to answer."""
    owned = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True).values("organization_id")
    waiting = Application.objects.filter(state=State.OPEN).exclude(kind=Kind.JOIN, organization__in=owned)
    return list(waiting.select_related("organization", "user").order_by("created", "pk"))


def applications_for_owner(user: User) -> list[Application]:
    """Return what waits for an owner of these organizations, oldest first."""
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).values("organization_id")
    waiting = Application.objects.filter(state=State.OPEN, kind=Kind.JOIN, organization__in=owned)
    return list(waiting.select_related("organization", "user").order_by("created", "pk"))
