"""The groups of the editors' admin, written from the table of permissions: what it grants a role, its group has.

Whatever else is ticked in the admin for these two groups is taken away again at the next start; other groups are left
alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, GroupApprovalTask, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.snippets.models import get_snippet_models

from coalition.accounts.roles import EDITORS, MODERATORS, Role
from coalition.accounts.table import TABLE

GROUPS: dict[Role, str] = {Role.EDITOR: EDITORS, Role.MODERATOR: MODERATORS}
# In the table, "snippets" stands for everything that may be done with every kind of snippet.
SNIPPETS = "snippets"
_DOING = ("add", "change", "delete", "view")


@dataclass(frozen=True)
class Rights:
    """What a group has, as ``app.codename``: anywhere, on all pages, in all collections."""

    anywhere: frozenset[str]
    pages: frozenset[str]
    collections: frozenset[str]


def rights_wanted(role: Role) -> Rights:
    """Return what the table grants a role in the admin."""
    granted = {grant for rule in TABLE if role in rule.roles for grant in rule.grants}
    anywhere = {grant for grant in granted if ":" not in grant and grant != SNIPPETS}
    if SNIPPETS in granted:
        options = [model._meta for model in get_snippet_models()]
        anywhere |= {f"{each.app_label}.{doing}_{each.model_name}" for each in options for doing in _DOING}
    return Rights(frozenset(anywhere), _of("pages", granted), _of("collections", granted))


def _of(where: str, granted: Iterable[str]) -> frozenset[str]:
    return frozenset(grant.partition(":")[2] for grant in granted if grant.startswith(f"{where}:"))


def rights_held(role: Role) -> Rights:
    """Return what the group of a role has now."""
    group = Group.objects.filter(name=GROUPS[role]).first()
    if group is None:
        return Rights(frozenset(), frozenset(), frozenset())
    return Rights(
        _names(Permission.objects.filter(group=group)),
        _names(Permission.objects.filter(grouppagepermission__group=group)),
        _names(Permission.objects.filter(groupcollectionpermission__group=group)),
    )


def _names(permissions: Iterable[Permission]) -> frozenset[str]:
    return frozenset(f"{each.content_type.app_label}.{each.codename}" for each in permissions)


def _permissions(names: Iterable[str]) -> list[Permission]:
    found = []
    for name in sorted(names):
        label, codename = name.split(".")
        found.append(Permission.objects.get(content_type__app_label=label, codename=codename))
    return found


@transaction.atomic
def groups_write() -> list[str]:
    """Give the groups what the table grants, and nothing else; return the names of those that were changed.

    Raises:
        Permission.DoesNotExist: the table grants what no model has.
    """
    changed = []
    for role, name in GROUPS.items():
        group, is_new = Group.objects.get_or_create(name=name)
        wanted = rights_wanted(role)
        if not is_new and wanted == rights_held(role):
            continue
        changed.append(name)
        group.permissions.set(_permissions(wanted.anywhere))
        GroupPagePermission.objects.filter(group=group).delete()
        root = Page.get_first_root_node()
        for permission in _permissions(wanted.pages):
            GroupPagePermission.objects.create(group=group, page=root, permission=permission)
        GroupCollectionPermission.objects.filter(group=group).delete()
        collection = Collection.get_first_root_node()
        for permission in _permissions(wanted.collections):
            GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    # Wagtail comes with one workflow, and gives it to a group that has another duty here.
    editors = Group.objects.get(name=EDITORS)
    for task in GroupApprovalTask.objects.filter(groups__name=MODERATORS):
        task.groups.set([editors])
        task.name = str(_("Editors approve"))
        task.save(update_fields=["name"])
    return changed
