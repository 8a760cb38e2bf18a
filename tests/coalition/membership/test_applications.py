"""Asking to keep a page or to belong, and deciding on it."""

import csv
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.needs import needs_of
from coalition.accounts.own_data import account_delete
from coalition.accounts.roles import EDITORS
from coalition.mail.models import OutgoingMail
from coalition.membership.applications import application_approve, application_make, application_refuse
from coalition.membership.models import Application, Membership
from tests import factories

pytestmark = pytest.mark.django_db
People = Callable[..., User]
SignIn = Callable[[User], Client]


@pytest.fixture
def an_editor(person: People) -> User:
    user = person("edith")
    user.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    return user


def test_a_page_nobody_keeps_is_claimed_through_an_editor(
    organization: OrganizationPage,
    person: People,
    signed_in: SignIn,
    an_editor: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ben = person("ben")
    client = signed_in(ben)
    address = reverse("organization_apply", args=[organization.public_id])
    assert "Keep the page of Nurses of the Coast" in client.get(address).content.decode()
    client.post(address, {"note": "I am the president; call the hall."})
    application = Application.objects.get()
    assert (application.kind, application.user) == ("claim", ben)
    assert [need.sentence for need in needs_of(an_editor)] == ["Ben wants to keep the page of Nurses of the Coast."]
    decide = reverse("application_decide", args=[application.public_id])
    assert client.get(decide).status_code == 404
    page = signed_in(an_editor).get(decide).content.decode()
    assert "I am the president; call the hall." in page
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(an_editor).post(decide, {"decision": "approve", "role": "owner"})
    assert Membership.objects.get(user=ben).role == "owner"
    assert mail.outbox[-1].to == ["ben@example.org"]
    assert "The answer is yes" in mail.outbox[-1].body


def test_where_there_are_owners_they_decide(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben")
    address = reverse("organization_apply", args=[organization.public_id])
    assert "Ask to belong to Nurses of the Coast" in signed_in(ben).get(address).content.decode()
    signed_in(ben).post(address, {"note": "I work on ward 3."})
    application = Application.objects.get()
    decide = reverse("application_decide", args=[application.public_id])
    assert needs_of(an_editor) == []
    assert signed_in(an_editor).get(decide).status_code == 404
    assert [need.url for need in needs_of(ada)] == [decide]
    response = signed_in(ada).post(decide, {"decision": "refuse", "role": "member", "answer": " "})
    assert response.status_code == 422
    signed_in(ada).post(decide, {"decision": "approve", "role": "organizer"})
    assert Membership.objects.get(user=ben).role == "organizer"
    assert signed_in(ada).get(decide).status_code == 404


def test_nobody_asks_twice_or_for_everything(organization: OrganizationPage, person: People) -> None:
    ben = person("ben")
    application_make(organization=organization, user=ben, note="It is me.")
    with pytest.raises(ValidationError, match="You have asked already"):
        application_make(organization=organization, user=ben, note="Me again.")
    for _number in range(4):
        application_make(organization=factories.organization(), user=ben, note="Me.")
    with pytest.raises(ValidationError, match="You have asked for several organizations"):
        application_make(organization=factories.organization(), user=ben, note="Me.")


def test_of_two_who_claim_a_page_the_second_does_not_become_owner_by_itself(
    organization: OrganizationPage, person: People, an_editor: User
) -> None:
    first, second = (
        application_make(organization=organization, user=person(name), note="Mine.") for name in ("ben", "eve")
    )
    application_approve(application=first, decided_by=an_editor)
    application_approve(application=second, decided_by=an_editor)
    assert list(Membership.objects.order_by("pk").values_list("user__display_name", "role")) == [
        ("Ben", "owner"),
        ("Eve", "member"),
    ]


def test_what_was_decided_stays_decided(organization: OrganizationPage, person: People, an_editor: User) -> None:
    application = application_make(organization=organization, user=person("ben"), note="Mine.")
    application_refuse(application=application, decided_by=an_editor, answer="We called: nobody knows you.")
    with pytest.raises(ValidationError, match="This was decided already: refused"):
        application_approve(application=application, decided_by=an_editor)
    assert not Membership.objects.exists()


def test_a_draft_organization_cannot_be_claimed(person: People, signed_in: SignIn) -> None:
    draft = factories.organization(live=False)
    response = signed_in(person("ben")).get(reverse("organization_apply", args=[draft.public_id]))
    assert response.status_code == 404


def test_several_requests_are_answered_at_once(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    ben, cleo, dan = person("ben"), person("cleo"), person("dan")
    other = factories.organization("Dockers of the Coast")
    for user, wanted in ((ben, organization), (cleo, other), (dan, other)):
        application_make(organization=wanted, user=user, note=f"{user} keeps the books")
    ids = {each.user.display_name: str(each.public_id) for each in Application.objects.all()}
    client, address = signed_in(an_editor), reverse("applications")
    page = client.get(address).content.decode()
    assert "Cleo keeps the books" in page
    assert signed_in(ben).get(address).status_code == 403
    response = client.post(address, {"application": [ids["Ben"]], "decision": "refuse", "answer": " "})
    assert response.status_code == 422
    assert "Say in a sentence why not" in response.content.decode()
    assert client.post(address, {"decision": "approve"}).status_code == 422
    response = client.post(
        address, {"application": [ids["Ben"], ids["Cleo"], "nonsense"], "decision": "approve"}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == ["Decided: 2 requests."]
    client.post(address, {"application": [ids["Dan"]], "decision": "refuse", "answer": "Cleo keeps it."})
    rows = Application.objects.order_by("pk").values_list("user__display_name", "state", "answer")
    assert list(rows) == [("Ben", "approved", ""), ("Cleo", "approved", ""), ("Dan", "refused", "Cleo keeps it.")]
    # An owner answers those who ask to belong, and nobody else's.
    owner = signed_in(ben)
    for user, wanted in ((dan, organization), (person("eve"), other)):
        application_make(organization=wanted, user=user, note="n")
    mine, others = Application.objects.filter(state="open").order_by("pk")
    owner.post(address, {"application": [str(mine.public_id), str(others.public_id)], "decision": "approve"})
    assert Membership.objects.get(user=dan).role == "member"
    assert Application.objects.get(pk=others.pk).state == "open"


def test_at_the_page_the_second_who_claims_is_offered_to_be_a_member(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    claims = [application_make(organization=organization, user=person(name), note="Mine.") for name in ("ben", "eve")]
    editor = signed_in(an_editor)
    said = "Nurses of the Coast has an owner already."
    for number, claim in enumerate(claims):
        address = reverse("application_decide", args=[claim.public_id])
        page = editor.get(address)
        assert (said in page.content.decode()) == bool(number)
        # As it stands there: whoever presses Approve changes nothing.
        editor.post(address, {"decision": "approve", "role": page.context["form"]["role"].value()})
    rows = Membership.objects.order_by("pk").values_list("user__display_name", "role")
    assert list(rows) == [("Ben", "owner"), ("Eve", "member")]


def test_what_waits_for_owners_waits_for_editors_once_the_last_has_left(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    ada, ben = person("ada", organization, "owner"), person("ben")
    signed_in(ben).post(reverse("organization_apply", args=[organization.public_id]), {"note": "I work on ward 3."})
    own = Membership.objects.get(user=ada)
    assert signed_in(ada).post(reverse("member_leave", args=[own.public_id])).status_code == 302
    assert not Membership.objects.exists()
    assert [need.sentence for need in needs_of(an_editor)] == ["Ben wants to keep the page of Nurses of the Coast."]
    decide = reverse("application_decide", args=[Application.objects.get().public_id])
    signed_in(an_editor).post(decide, {"decision": "approve", "role": "owner"})
    assert Membership.objects.get(user=ben).role == "owner"


def test_what_waits_for_an_owner_waits_for_editors_once_the_account_is_deleted(
    organization: OrganizationPage, person: People, an_editor: User
) -> None:
    ada = person("ada", organization, "owner")
    application_make(organization=organization, user=person("ben"), note="I work on ward 3.")
    account_delete(user=ada)
    assert [need.sentence for need in needs_of(an_editor)] == ["Ben wants to keep the page of Nurses of the Coast."]


def test_owners_hear_by_mail_that_somebody_asks_to_belong(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    person("ada", organization, "owner")
    person("cleo", organization, "organizer")
    address = reverse("organization_apply", args=[organization.public_id])
    signed_in(person("ben")).post(address, {"note": "I work on ward 3."})
    (asked,) = OutgoingMail.objects.all()
    assert (asked.kind, asked.to) == ("waits", "ada@example.org")
    assert "/you/" in asked.text
    for confidential in ("Ben", "Nurses", "ward 3"):
        assert confidential not in asked.subject + asked.text + asked.html


def test_what_is_decided_can_no_longer_be_taken_back_and_says_so(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    ben = person("ben")
    application = application_make(organization=organization, user=ben, note="n")
    application_approve(application=application, decided_by=an_editor, role="owner")
    page = signed_in(ben).post(reverse("application_take_back", args=[application.public_id]), follow=True)
    sentence = "It can no longer be taken back: somebody has decided on it already."
    assert sentence in [str(said) for said in page.context["messages"]]
    assert Membership.objects.filter(user=ben).exists()


def test_requests_are_a_table_for_whoever_decides_on_them(
    organization: OrganizationPage, person: People, signed_in: SignIn, an_editor: User
) -> None:
    application = application_make(organization=organization, user=person("ben"), note="=I am the president")
    client, address = signed_in(an_editor), reverse("applications_csv")
    assert address in client.get(reverse("applications")).content.decode()
    (row,) = client.get(address).content.decode().splitlines()[1:]
    moment = f"{timezone.localtime(application.created):%Y-%m-%d}"
    kind = application.get_kind_display()
    assert next(csv.reader([row])) == ["Nurses of the Coast", "Ben", kind, "'=I am the president", moment]
    # Whoever decides on nothing sees none of it.
    assert signed_in(person("eve")).get(address).status_code == 403
