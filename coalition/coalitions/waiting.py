"""What of coalitions waits for somebody."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.coalitions.models import Affiliation
from coalition.membership.selectors import organized_by


@needs_you
def affiliations_wait(user: User) -> Iterable[Need]:
    """Return requests that an organizer's organizations have not answered."""
    mine = organized_by(user).values("pk")
    asked = Q(is_invitation=True, member__in=mine) | Q(is_invitation=False, coalition__in=mine)
    waiting = Affiliation.objects.filter(asked, state=Affiliation.State.OPEN, is_unheard=False)
    for affiliation in waiting.select_related("coalition", "member"):
        said = {"coalition": affiliation.coalition.title, "member": affiliation.member.title}
        yield Need(
            sentence=(
                _("%(coalition)s asks %(member)s to belong to it.")
                if affiliation.is_invitation
                else _("%(member)s would like to belong to %(coalition)s.")
            )
            % said,
            url=reverse("coalition_desk", args=[affiliation.answering.public_id]),
            action=_("Answer"),
            since=affiliation.created,
        )
