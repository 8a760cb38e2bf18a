"""What introductions hold about somebody: what they asked, answered and wrote."""

from typing import Any

from django.db.models import Q

from coalition.accounts.models import User
from coalition.accounts.own_data import exports
from coalition.allies.introductions import shown_state
from coalition.allies.models import Introduction, Message


@exports("introductions")
def introductions(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return what a user asked or answered, and their messages. A no that they may not know of stays unsaid."""
    own = Introduction.objects.filter(Q(asked_by=user) | Q(answered_by=user)).select_related("asking", "asked")
    return {
        "requests": [
            {
                "from": each.asking.title,
                "to": each.asked.title,
                "note": each.note if each.asked_by_id == user.pk else "",
                "state": shown_state(each) if each.asked_by_id == user.pk else each.state,
                "asked": each.created,
            }
            for each in own.order_by("pk")
        ],
        "messages": [
            {"as": each.organization.title, "text": each.text, "written": each.created}
            for each in Message.objects.filter(author=user).select_related("organization").order_by("pk")
        ],
    }
