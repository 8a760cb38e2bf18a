"""What membership says of somebody, and when an account may not be deleted."""

import pytest
from django.urls import reverse

from coalition.accounts.models import User
from coalition.accounts.own_data import DeletionRefusedError, account_delete, own_data
from coalition.membership.invitations import invitation_send
from coalition.membership.models import Invitation, Membership
from tests import factories
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.django_db


def test_the_only_owner_hands_over_first() -> None:
    nurses = factories.organization("Nurses")
    ada, ben = person("ada", nurses, "owner"), person("ben", nurses)
    with pytest.raises(DeletionRefusedError, match="You are the only owner of Nurses"):
        account_delete(user=ada)
    Membership.objects.filter(user=ben).update(role="owner")
    account_delete(user=User.objects.get(pk=ada.pk))
    assert [str(membership.user) for membership in Membership.objects.all()] == ["Ben"]


def test_whoever_cannot_sign_in_is_no_owner_to_leave_the_others_to() -> None:
    nurses = factories.organization("Nurses")
    ada, ben = person("ada", nurses, "owner"), person("ben", nurses, "owner")
    person("cleo", nurses)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    with pytest.raises(DeletionRefusedError, match="You are the only owner of Nurses"):
        account_delete(user=ada)
    own = Membership.objects.get(user=ada)
    leaving = signed_in(ada).post(reverse("member_leave", args=[own.public_id]))
    assert leaving.status_code == 409
    assert Membership.objects.filter(user=ada).exists()


def test_own_data_holds_memberships_and_invitations_go_with_the_account() -> None:
    nurses = factories.organization("Nurses")
    ada, ben = person("ada", nurses, "owner"), person("ben")
    invitation_send(organization=nurses, email="Ben@example.org", role="member", invited_by=ada)
    held = own_data(ben)["organizations"]
    assert isinstance(held, dict)
    assert [each["organization"] for each in held["invitations received"]] == ["Nurses"]
    mine = own_data(ada)["organizations"]
    assert isinstance(mine, dict)
    assert [(each["organization"], each["role"]) for each in mine["memberships"]] == [("Nurses", "owner")]
    assert [each["to"] for each in mine["invitations sent"]] == ["Ben@example.org"]
    account_delete(user=ben)
    assert not Invitation.objects.exists()
