"""What somebody is to an affiliation or a date, told to the table of permissions."""

from collections.abc import Iterable

from coalition.accounts.models import User
from coalition.accounts.permissions import state_of
from coalition.accounts.roles import Role, standing_to
from coalition.coalitions.models import Affiliation, CalendarEntry
from coalition.membership.standings import standing_in


@standing_to(Affiliation)
def to_affiliation(user: User, affiliation: Affiliation) -> Iterable[Role]:
    """Return what somebody is to a request: on the side that asked it is theirs; on the other, they answer.

    To an organization that has blocked those who asked it does not exist.
    """
    asks = standing_in(user, [affiliation.asking.pk]) & {Role.ORGANIZER, Role.OWNER}
    own = {Role.SELF} if asks else set()
    return own if affiliation.is_unheard else own | standing_in(user, [affiliation.answering.pk])


@standing_to(CalendarEntry)
def to_entry(user: User, entry: CalendarEntry) -> Iterable[Role]:
    """Return what somebody is to the coalition, or to the member that entered it."""
    return standing_in(user, [entry.coalition_id, entry.organization_id])


@state_of(Affiliation)
def affiliation_state(affiliation: Affiliation) -> str:
    """Return where an affiliation stands."""
    return affiliation.state
