"""What happens when a review is over. Wagtail imports this while its own models load: no model is imported here."""

from typing import Any


def publish_reviewed(workflow_state: Any, user: Any = None) -> None:
    """Publish what was reviewed, now or when it is due.

    Whoever approved it was allowed to by the step itself. In a workflow of the editors' own, Wagtail asks for the
    right to publish as well.

    Raises:
        PublicationRefusedError: the gate says no; nothing of the approval is kept.
    """
    from coalition.organizing.reviewing import is_ours  # models are loaded by now

    revision = workflow_state.content_object.get_latest_revision()
    revision.publish(user=user, skip_permission_checks=is_ours(workflow_state))
