"""The admin's groups have what the table of permissions grants, and nothing else."""

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page, Workflow

from coalition.accounts.groups import GROUPS, groups_write, rights_held, rights_wanted
from coalition.accounts.roles import EDITORS, MODERATORS, Role

pytestmark = pytest.mark.django_db


def test_groups_have_what_the_table_grants() -> None:
    groups_write()
    for role in GROUPS:
        assert rights_held(role) == rights_wanted(role)
    assert "wagtailcore.publish_page" in rights_held(Role.EDITOR).pages
    # Whoever reads confidential words has no business among the pages.
    assert rights_held(Role.MODERATOR) == rights_wanted(Role.MODERATOR)
    assert rights_held(Role.MODERATOR).pages == frozenset()
    assert groups_write() == []


def test_what_was_ticked_by_hand_is_taken_away_and_other_groups_are_left_alone() -> None:
    groups_write()
    delete = Permission.objects.get(codename="delete_user")
    other = Group.objects.create(name="Photographers")
    other.permissions.add(delete)
    moderators = Group.objects.get(name=MODERATORS)
    moderators.permissions.add(delete)
    publish = Permission.objects.get(codename="publish_page")
    GroupPagePermission.objects.create(group=moderators, page=Page.get_first_root_node(), permission=publish)
    assert groups_write() == [MODERATORS]
    assert rights_held(Role.MODERATOR).pages == frozenset()
    assert list(other.permissions.all()) == [delete]


def test_wagtails_own_workflow_goes_to_editors() -> None:
    groups_write()
    tasks = [task.specific for workflow in Workflow.objects.all() for task in workflow.tasks]
    names = {group.name for task in tasks if hasattr(task, "groups") for group in task.groups.all()}
    assert MODERATORS not in names
    assert EDITORS in names
