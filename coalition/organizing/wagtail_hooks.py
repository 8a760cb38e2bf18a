"""Wagtail's own mails about workflows are not sent for the organizations' review, which has its own.

Here, because hooks are read before any page is published, and after Wagtail has connected its notices.
"""

from wagtail.admin import signal_handlers
from wagtail.models import WorkflowState
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from coalition.organizing.hearing import quieten

_NOTICES = (
    (workflow_submitted, signal_handlers.workflow_submission_email_notifier, "submitted"),
    (workflow_rejected, signal_handlers.workflow_rejection_email_notifier, "rejected"),
    (workflow_approved, signal_handlers.workflow_approval_email_notifier, "approved"),
)
for _signal, _notifier, _name in _NOTICES:
    _uid = f"workflow_state_{_name}_email_notification"
    _signal.disconnect(sender=WorkflowState, dispatch_uid=_uid)
    _signal.connect(quieten(_notifier), sender=WorkflowState, dispatch_uid=_uid, weak=False)
