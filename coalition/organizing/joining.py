"""Joining a campaign: one side asks, the other says yes or no, and only a yes shows. Leaving is everybody's own."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cms.base.drafts import in_every_draft
from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.mail.writing import mail_send
from coalition.membership.contact import hears
from coalition.membership.selectors import ORGANIZING, organized_by, people_of
from coalition.organizing.drafts import locked
from coalition.organizing.errors import OrganizingError
from coalition.organizing.models import JoinRequest
from coalition.organizing.selectors import LEADS, leader_ids, leaders_of

State = JoinRequest.State
LAST_LEADER = gettext_noop("A campaign needs an organization that leads it. Take the campaign off the site instead.")


@transaction.atomic
def join_propose(
    *,
    campaign: CampaignPage,
    organization: OrganizationPage,
    role: str,
    by: User,
    is_invitation: bool,
    note: str = "",
) -> JoinRequest:
    """Ask an organization to join a campaign, or ask for an organization to be let in.

    Asking twice is asking once. Where the other side has asked already, both want it: it is accepted.
    Whoever of the other side has blocked those who ask is not told and not shown it; nothing they can see says so.

    Args:
        campaign: it need not be published for an invitation.
        organization: the one that would join.
        role: what it would do there.
        by: who asks.
        is_invitation: the campaign asks the organization.
        note: what the other side reads with it.

    Raises:
        OrganizingError: the organization is in the campaign, or the role is none that one can join in.
    """
    if role not in dict(JoinRequest.ROLES):
        raise OrganizingError(_("Choose whether the organization takes part or supports the campaign."))
    stored = locked(campaign)
    if stored.organization_links.filter(organization=organization).exists():
        raise OrganizingError(_("%(organization)s is in this campaign already.") % {"organization": organization})
    _take_turns(stored, organization)
    waiting = JoinRequest.objects.select_for_update().filter(
        campaign=stored, organization=organization, state=State.OPEN
    )
    known = waiting.first()
    if known is not None:
        if known.is_invitation != is_invitation:
            return join_answer(request=known, by=by, accepts=True)
        # Who could not hear it then, and has ended the block since, hears it now.
        before, deaf = set(known.unheard_by.all()), _deaf(known, by)
        known.unheard_by.set(before & deaf)
        _tell_asked(known, before - deaf)
        return known
    request = JoinRequest.objects.create(
        campaign=stored,
        organization=organization,
        role=role,
        is_invitation=is_invitation,
        proposed_by=by,
        note=note.strip(),
    )
    deaf = _deaf(request, by)
    request.unheard_by.set(deaf)
    _tell_asked(request, set(_answering(request)) - deaf)
    return request


def unheard_become(*, organization: OrganizationPage, blocked: OrganizationPage) -> None:
    """Show an organization no longer what another asked of it, and take back what it asked of the other."""
    between = JoinRequest.objects.select_for_update(of=("self",)).filter(state=State.OPEN).select_related("campaign")
    both = Q(organization=organization) | Q(organization=blocked)
    for request in between.filter(both).order_by("pk"):
        asking = {each.pk for each in _asking(request, request.proposed_by)}
        answering = {each.pk for each in _answering(request)}
        if organization.pk in answering and blocked.pk in asking:
            request.unheard_by.add(organization)
        elif organization.pk in asking and blocked.pk in answering:
            join_withdraw(request=request)


@transaction.atomic
def join_answer(*, request: JoinRequest, by: User, accepts: bool) -> JoinRequest:
    """Accept a request, which puts the organization into the campaign at once; or decline it.

    Raises:
        OrganizingError: it is not open any more.
    """
    campaign = locked(request.campaign)
    request = JoinRequest.objects.select_for_update().get(pk=request.pk)
    _still_open(request)
    request.state = State.ACCEPTED if accepts else State.DECLINED
    request.answered = timezone.now()
    request.save(update_fields=["state", "answered"])
    if accepts:
        # Both sides asked: what they have agreed is everybody's to see.
        request.unheard_by.clear()
    if accepts and not campaign.organization_links.filter(organization=request.organization).exists():

        def enter(page: CampaignPage) -> None:
            if all(link.organization_id != request.organization_id for link in page.organization_links.all()):
                page.organization_links.add(CampaignOrganization(organization=request.organization, role=request.role))

        _in_every_text(campaign, enter)
    _tell_answered(request, by)
    return request


@transaction.atomic
def join_withdraw(*, request: JoinRequest) -> JoinRequest:
    """Take a request back.

    Raises:
        OrganizingError: it is not open any more.
    """
    request = JoinRequest.objects.select_for_update().get(pk=request.pk)
    _still_open(request)
    request.state, request.answered = State.WITHDRAWN, timezone.now()
    request.save(update_fields=["state", "answered"])
    return request


@transaction.atomic
def campaign_leave(*, campaign: CampaignPage, organization: OrganizationPage) -> None:
    """Take an organization out of a campaign. Nothing happens when it is not in it.

    Raises:
        OrganizingError: nobody would lead the campaign.
    """
    stored = locked(campaign)
    links = list(stored.organization_links.all())
    leaders = {link.organization_id for link in links if link.role == LEADS}
    if leaders == {organization.pk}:
        raise OrganizingError(_(LAST_LEADER))

    def leave(page: CampaignPage) -> None:
        page.organization_links.set(
            [link for link in page.organization_links.all() if link.organization_id != organization.pk]
        )

    _in_every_text(stored, leave)


def _in_every_text(stored: CampaignPage, change: Callable[[CampaignPage], None]) -> None:
    """Change who is in a campaign: in what is stored, and in drafts."""
    in_every_draft(stored, change)
    change(stored)
    stored.save()


def _still_open(request: JoinRequest) -> None:
    if request.state != State.OPEN:
        raise OrganizingError(_("This was answered already. Nothing has changed."))


def _answering(request: JoinRequest) -> QuerySet[OrganizationPage]:
    if request.is_invitation:
        return OrganizationPage.objects.filter(pk=request.organization_id)
    return leaders_of(request.campaign)


def _take_turns(campaign: CampaignPage, organization: OrganizationPage) -> None:
    """Let others who settle something between these organizations wait: a block, above all."""
    sides = [organization.pk, *leader_ids(campaign)]
    rows = OrganizationPage.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=sides).order_by("pk")
    list(rows.values_list("pk", flat=True))


def _asking(request: JoinRequest, by: User | None) -> QuerySet[OrganizationPage]:
    """Return for whom somebody asks: of several that lead a campaign, those they organize for."""
    if not request.is_invitation:
        return OrganizationPage.objects.filter(pk=request.organization_id)
    leaders = leaders_of(request.campaign)
    return leaders.filter(pk__in=organized_by(by).values("pk")) if by else leaders


def _deaf(request: JoinRequest, by: User) -> set[OrganizationPage]:
    """Return who of those who would answer hears nothing from those who ask."""
    asking = list(_asking(request, by))
    return {each for each in _answering(request) if not all(hears(each, other) for other in asking)}


def _tell_asked(request: JoinRequest, asked: Iterable[OrganizationPage]) -> None:
    for person in people_of(asked, roles=ORGANIZING):
        mail_send(
            key=f"join-asked:{request.public_id}:{person.pk}",
            kind="join_asked",
            to=person.email,
            context={"request": request, "campaign_title": _title(request.campaign)},
            language=person.language,
        )


def _tell_answered(request: JoinRequest, by: User) -> None:
    person = request.proposed_by
    if person is None or person.pk == by.pk or not person.is_active:
        return
    mail_send(
        key=f"join-answered:{request.public_id}",
        kind="join_answered",
        to=person.email,
        context={"request": request, "campaign_title": _title(request.campaign)},
        language=person.language,
    )


def _title(campaign: CampaignPage) -> str:
    return campaign.draft_title or campaign.title
