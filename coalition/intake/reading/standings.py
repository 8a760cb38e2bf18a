"""What somebody is to a submission: the moderator who has it in hand."""

from collections.abc import Iterable

from coalition.accounts.models import User
from coalition.accounts.roles import Role, site_roles, standing_to
from coalition.intake.models import Submission
from coalition.intake.reading.models import Charge


@standing_to(Submission)
def in_hand(user: User, submission: Submission) -> Iterable[Role]:
    """Whoever has it in hand, as long as they are a moderator."""
    if Role.MODERATOR in site_roles(user) and Charge.objects.filter(submission=submission, moderator=user).exists():
        return [Role.SELF]
    return []
