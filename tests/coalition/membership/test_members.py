"""Roles, leaving, and the rule that an organization with people in it has an owner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS
from coalition.membership.members import membership_add, membership_change, membership_end, stays_for
from coalition.membership.models import Membership
from tests import factories

pytestmark = pytest.mark.django_db
People = Callable[..., User]
SignIn = Callable[[User], Client]


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def roles(organization: OrganizationPage) -> dict[str, str]:
    rows = Membership.objects.filter(organization=organization)
    return {membership.user.display_name: membership.role for membership in rows.select_related("user")}


def test_an_owner_changes_roles_and_removes(organization: OrganizationPage, person: People, signed_in: SignIn) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben", organization)
    client = signed_in(ada)
    address = reverse("member_change", args=[Membership.objects.get(user=ben).public_id])
    assert said(client.post(address, {"role": "organizer"}, follow=True)) == ["Ben: organizer."]
    assert roles(organization) == {"Ada": "owner", "Ben": "organizer"}
    assert said(client.post(address, {"remove": "1"}, follow=True)) == ["Ben no longer belongs to the organization."]
    assert roles(organization) == {"Ada": "owner"}


def test_whoever_gives_no_name_is_somebody_to_others(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben", organization)
    User.objects.filter(pk=ada.pk).update(display_name="")
    page = signed_in(ben).get(reverse("organization_desk", args=[organization.public_id])).content.decode()
    assert ada.email not in page
    assert "<b>somebody</b>" in page
    assert str(User.objects.get(pk=ada.pk)) == "somebody"


def test_the_last_owner_stays_while_others_are_there(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ada = person("ada", organization, "owner")
    ben = person("ben", organization)
    own = Membership.objects.get(user=ada)
    assert stays_for(ada) == [organization]
    for act in (lambda: membership_end(membership=own), lambda: membership_change(membership=own, role="member")):
        with pytest.raises(ValidationError, match="An organization needs an owner"):
            act()
    response = signed_in(ada).post(reverse("member_leave", args=[own.public_id]))
    assert response.status_code == 409
    assert "Make somebody else an owner first" in response.content.decode()
    membership_change(membership=Membership.objects.get(user=ben), role="owner")
    assert signed_in(ada).post(reverse("member_leave", args=[own.public_id])).headers["Location"] == reverse("you")
    assert roles(organization) == {"Ben": "owner"}
    # The last person of all may go: nobody is left without an owner.
    membership_end(membership=Membership.objects.get(user=ben))
    assert roles(organization) == {}


def test_others_memberships_answer_as_absent_ones(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ben = person("ben", organization)
    stranger = person("stranger", factories.organization(), "owner")
    membership = Membership.objects.get(user=ben)
    absent = "00000000-0000-4000-8000-000000000000"
    for client in (signed_in(stranger), signed_in(ben)):
        for public_id in (membership.public_id, absent):
            assert client.post(reverse("member_change", args=[public_id]), {"role": "owner"}).status_code == 404
    for public_id in (membership.public_id, absent):
        assert signed_in(stranger).post(reverse("member_leave", args=[public_id])).status_code == 404
        assert signed_in(stranger).get(reverse("organization_desk", args=[public_id])).status_code == 404
    assert roles(organization) == {"Ben": "member"}


def test_a_role_that_does_not_exist_is_refused(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben", organization)
    address = reverse("member_change", args=[Membership.objects.get(user=ben).public_id])
    response = signed_in(ada).post(address, {"role": "admin"}, follow=True)
    assert said(response) == ["There is no such role. Choose one of the list."]


def test_only_owners_read_addresses_and_a_spreadsheet_runs_nothing(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben", organization, "organizer")
    User.objects.filter(pk=ben.pk).update(display_name='=HYPERLINK("https://example.org")')
    address = reverse("organization_members_csv", args=[organization.public_id])
    lines = signed_in(ada).get(address).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["name", "Ada", '"\'=HYPERLINK(""https://example.org"")"']
    assert signed_in(ben).get(address).status_code == 404
    desk = signed_in(ben).get(reverse("organization_desk", args=[organization.public_id])).content.decode()
    assert "ada@example.org" not in desk


def test_an_owner_changes_and_removes_several_at_once_and_an_owner_stays(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben", organization, "owner")
    people = [person(name, organization) for name in ("cleo", "dan")]
    stranger = Membership.objects.create(organization=factories.organization(), user=person("eve"))
    ids = {each.user.display_name: str(each.public_id) for each in Membership.objects.all()}
    client, address = signed_in(ada), reverse("organization_people", args=[organization.public_id])
    desk = client.get(reverse("organization_desk", args=[organization.public_id])).content.decode()
    assert [f'value="{ids[name]}"' in desk for name in ("Ada", "Ben", "Cleo", "Dan")] == [False, True, True, True]

    def post(*chosen: str, **data: str) -> list[str]:
        return said(client.post(address, {"person": list(chosen), **data}, follow=True))

    assert post(ids["Cleo"], ids["Dan"], role="organizer") == ["2 roles changed."]
    assert roles(organization) == {"Ada": "owner", "Ben": "owner", "Cleo": "organizer", "Dan": "organizer"}
    nobody = ["Tick whom you mean, then try again."]
    # Neither nonsense, nor others' people, nor oneself can be named.
    assert post("nonsense", str(stranger.public_id), ids["Ada"], remove="1") == nobody
    assert post(ids["Cleo"], role="emperor") == ["There is no such role. Choose one of the list."]
    assert post(ids["Ben"], ids["Dan"], remove="1") == ["2 people removed."]
    assert roles(organization) == {"Ada": "owner", "Cleo": "organizer"}
    assert signed_in(people[0]).post(address, {"role": "owner", "person": ids["Cleo"]}).status_code == 404
    assert Membership.objects.filter(pk=stranger.pk).exists()
    # An editor who belongs to it not at all cannot leave it without an owner: none of them goes.
    edith = factories.user("edith@example.org", groups=(EDITORS,))
    response = signed_in(edith).post(
        reverse("organization_people", args=[organization.public_id]), {"person": [ids["Ada"]], "remove": "1"}
    )
    assert response.status_code == 302
    assert roles(organization) == {"Ada": "owner", "Cleo": "organizer"}
    assert ben not in [each.user for each in Membership.objects.filter(organization=organization)]


class Organization(RuleBasedStateMachine):
    """Whatever is done in whatever order, an organization with people in it has an owner."""

    @initialize()
    def start(self) -> None:
        number = OrganizationPage.objects.count()
        self.organization = factories.organization()
        self.users = [User.objects.create_user(f"u{number}-{n}@example.org") for n in range(4)]
        membership_add(organization=self.organization, user=self.users[0], role="owner")

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except ValidationError as error:
            assert error.code == "last-owner"  # noqa: PT017 - both ways are allowed, only this refusal is

    @rule(who=st.integers(0, 3), role=st.sampled_from(Membership.Role.values))
    def add(self, who: int, role: str) -> None:
        if Membership.objects.filter(organization=self.organization).exists():
            membership_add(organization=self.organization, user=self.users[who], role=role)

    @rule(who=st.integers(0, 3), role=st.sampled_from(Membership.Role.values))
    def change(self, who: int, role: str) -> None:
        membership = Membership.objects.filter(organization=self.organization, user=self.users[who]).first()
        if membership:
            self._try(lambda: membership_change(membership=membership, role=role))

    @rule(who=st.integers(0, 3))
    def leave(self, who: int) -> None:
        membership = Membership.objects.filter(organization=self.organization, user=self.users[who]).first()
        if membership:
            self._try(lambda: membership_end(membership=membership))

    @invariant()
    def has_an_owner(self) -> None:
        if hasattr(self, "organization"):
            held = set(Membership.objects.filter(organization=self.organization).values_list("role", flat=True))
            assert not held or "owner" in held


class TestOrganization(HypothesisTestCase):
    """Hypothesis runs each example in a transaction of its own."""

    def test_it_always_has_an_owner(self) -> None:
        from hypothesis.stateful import run_state_machine_as_test

        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Organization, settings=hypothesis_settings(max_examples=15, stateful_step_count=12, deadline=None)
        )
