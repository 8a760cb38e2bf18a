"""What somebody is to an introduction, told to the table of permissions.

A request that the other side may not see does not exist for it: nobody there has a standing to it.
"""

from collections.abc import Iterable

from coalition.accounts.models import User
from coalition.accounts.permissions import state_of
from coalition.accounts.roles import Role, standing_to
from coalition.allies.models import Introduction
from coalition.membership.standings import standing_in

State = Introduction.State
# What only those who asked ever see.
_OURS_ALONE = (State.UNHEARD, State.WITHDRAWN, State.DECLINED)


@standing_to(Introduction)
def to_introduction(user: User, introduction: Introduction) -> Iterable[Role]:
    """Return what somebody is to a request: on the side that asked it is theirs; on the other, while it is shown."""
    asks = standing_in(user, [introduction.asking_id]) & {Role.ORGANIZER, Role.OWNER}
    own = {Role.SELF} if asks else set()
    is_shown = introduction.state not in _OURS_ALONE and not (
        introduction.state == State.WAITING and introduction.is_over
    )
    return own | standing_in(user, [introduction.asked_id]) if is_shown else own


@state_of(Introduction)
def introduction_state(introduction: Introduction) -> str:
    """Return how an introduction stands for both; a declined or unheard one waits, as those who asked see it."""
    if introduction.state in (State.WAITING, State.DECLINED, State.UNHEARD):
        return "unanswered" if introduction.is_over else "waiting"
    return introduction.state
