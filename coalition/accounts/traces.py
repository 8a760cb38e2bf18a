"""What the editors' admin writes down about somebody beside the rows that are theirs: it goes with their account.

Revisions repeat the comments on their page, the admin's log repeats a comment and names the account that was changed,
and no cascade deletes a file.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from wagtail.models import Comment, CommentReply, ModelLogEntry, PageLogEntry, Revision, UploadedFile
from wagtail.users.models import UserProfile

from coalition.accounts.models import User
from coalition.accounts.own_data import before_deletion

_COMMENTS = "wagtail_admin_comments"


@before_deletion
def comments_go(user: User) -> None:
    """Take what somebody remarked on pages out of the pages' revisions and out of the log."""
    comments, replies = set[int](), set[int]()
    own = Q(**{f"content__{_COMMENTS}__contains": [{"user": user.pk}]})
    answered = Q(**{f"content__{_COMMENTS}__contains": [{"replies": [{"user": user.pk}]}]})
    for revision in Revision.objects.filter(own | answered):
        kept = []
        for comment in revision.content[_COMMENTS]:
            if comment["user"] == user.pk:
                comments.add(comment["pk"])
                continue
            replies.update(reply["pk"] for reply in _of(user, comment["replies"]))
            kept.append({**comment, "replies": [each for each in comment["replies"] if each["user"] != user.pk]})
        Revision.objects.filter(pk=revision.pk).update(content={**revision.content, _COMMENTS: kept})
    _unsay(user, comments, replies)


def _of(user: User, written: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (each for each in written if each["user"] == user.pk)


def _unsay(user: User, comments: set[int], replies: set[int]) -> None:
    """Empty the log of these comments and replies, whoever it says dealt with them, and of those that it says began."""
    log = PageLogEntry.objects.filter(action__startswith="wagtail.comments.")
    comments |= set(Comment.objects.filter(user=user).values_list("pk", flat=True))
    comments |= set(_ids(log.filter(user=user, action="wagtail.comments.create"), "comment"))
    replies |= set(CommentReply.objects.filter(user=user).values_list("pk", flat=True))
    replies |= set(_ids(log.filter(user=user, action="wagtail.comments.create_reply"), "reply"))
    for name, ids in (("comment", comments), ("reply", replies)):
        for entry in log.filter(**{f"data__{name}__id__in": list(ids)}):
            entry.data[name].pop("text", None)
            PageLogEntry.objects.filter(pk=entry.pk).update(data=entry.data)


def _ids(entries: Any, name: str) -> Iterable[int]:
    return [data[name]["id"] for data in entries.values_list("data", flat=True)]


@before_deletion
def name_goes_from_the_log(user: User) -> None:
    """Keep that an account was changed, and by whom, without whose it was."""
    about = ModelLogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    about.update(label=gettext("somebody"))


@before_deletion
def files_go(user: User) -> None:
    """Delete somebody's own picture, and what they chose to upload and described no more: nobody else can open it."""
    profile = UserProfile.objects.filter(user=user).exclude(avatar="").first()
    if profile is not None:
        _delete_later(profile.avatar.storage, profile.avatar.name)
    for upload in UploadedFile.objects.filter(uploaded_by_user=user):
        _delete_later(upload.file.storage, upload.file.name)
        upload.delete()


def _delete_later(storage: Storage, name: str) -> None:
    # Not before it is certain that the account goes.
    transaction.on_commit(lambda: storage.delete(name))
