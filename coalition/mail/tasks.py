"""What the worker and the beat do for mail."""

from django_tasks import task

from coalition.mail.sending import due_mails, mails_cut_off_mark, mails_deliver, mails_forget


@task()
def mail_hand_over(pk: int) -> int:
    """Hand over one mail that was just written; return 1 if the server took it."""
    return mails_deliver(limit=1, only=pk)


@task()
def mails_hand_over() -> int:
    """Hand over everything that is due; return how many mails the server took."""
    taken = 0
    while due_mails().exists():
        step = mails_deliver()
        taken += step
        if step == 0:
            break
    return taken


def tidy() -> None:
    """Have what is due handed over, and mark what was cut off. For the beat."""
    mails_cut_off_mark()
    if due_mails().exists():
        from coalition.ops.schedule import is_waiting  # only the beat needs to know

        if not is_waiting(mails_hand_over.module_path):
            mails_hand_over.enqueue()


def forget() -> None:
    """Delete what was sent long ago. For the beat."""
    mails_forget()
