"""Profiles that an organization's own people write, and new organizations that an editor approves."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from cms.organizations.models import OrganizationPage
from cms.taxonomy.schemes import Scheme
from coalition.accounts.roles import EDITORS
from coalition.membership.models import Application, Membership
from coalition.organizing.reviewing import review_workflow_sync
from search.models import Document
from tests import factories
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurses() -> OrganizationPage:
    page = factories.organization("Nurses")
    page.save_revision().publish()
    return OrganizationPage.objects.get(pk=page.pk)


def filled(organization: OrganizationPage, **more: str) -> dict[str, str]:
    slugs = {
        scheme.value: factories.concept(scheme, f"Test {scheme.value}").slug
        for scheme in (Scheme.INDUSTRY, Scheme.TECHNOLOGY)
    }
    version = str(organization.latest_revision_id or "")
    return {"title": "Nurses", "kind": "union", "do": "save", "version": version, **slugs, **more}


def test_an_organizer_writes_the_profile_and_it_is_public_at_once(nurses: OrganizationPage) -> None:
    client = signed_in(person("ada", nurses, "organizer"))
    address = reverse("organization_profile", args=[nurses.public_id])
    assert client.get(address).status_code == 200
    place = factories.concept(Scheme.PLACE, "Nevada")
    offers = 'A hall.\n\n- a bus\n- <script>alert(1)</script><a href="javascript:x">no</a>'
    response = client.post(
        address,
        filled(nurses, title="Nurses United", offers=offers, website="nurses.example.org", place=place.slug),
        follow=True,
    )
    assert "Saved." in [str(message) for message in response.context["messages"]]
    page = OrganizationPage.objects.get(pk=nurses.pk)
    assert (page.title, page.website) == ("Nurses United", "https://nurses.example.org")
    assert [concept.pref_label for concept in page.concepts(Scheme.PLACE)] == ["Nevada"]
    assert "script" not in page.offers
    assert "javascript" not in page.offers
    assert "Nurses United" in Client().get(page.url).content.decode()
    assert Document.objects.get(public_id=page.public_id).title == "Nurses United"
    assert page.get_latest_revision().user.email == "ada@example.org"


def test_two_who_write_at_once_lose_nothing(nurses: OrganizationPage) -> None:
    client = signed_in(person("ada", nurses, "organizer"))
    address = reverse("organization_profile", args=[nurses.public_id])
    opened = filled(nurses, standfirst="Mine")
    client.post(address, filled(nurses, standfirst="Theirs"))
    response = client.post(address, opened)
    assert response.status_code == 422
    html = response.content.decode()
    assert "Somebody else has changed the profile meanwhile" in html
    assert "Mine" in html
    assert OrganizationPage.objects.get(pk=nurses.pk).standfirst == "Theirs"
    again = filled(OrganizationPage.objects.get(pk=nurses.pk), standfirst="Theirs and mine")
    assert f'name="version" value="{again["version"]}"' in html
    assert client.post(address, again).status_code == 302


def test_looking_for_topics_saves_nothing_and_loses_nothing(nurses: OrganizationPage) -> None:
    client = signed_in(person("ada", nurses, "organizer"))
    factories.concept(Scheme.HARM, "Watched at every step")
    factories.concept(Scheme.HARM, "Paid less")
    address = reverse("organization_profile", args=[nurses.public_id])
    data = filled(nurses, standfirst="Not yet saved", do="find-harm", **{"find-harm": "watched"})
    response = client.post(address, data)
    assert response.status_code == 200
    html = response.content.decode()
    assert "Not yet saved" in html
    assert "Watched at every step" in html
    assert "Paid less" not in html
    assert OrganizationPage.objects.get(pk=nurses.pk).standfirst == ""


def test_a_profile_without_topics_says_what_is_missing(nurses: OrganizationPage) -> None:
    client = signed_in(person("ada", nurses, "organizer"))
    data = filled(nurses, standfirst="Kept")
    del data["industry"]
    response = client.post(reverse("organization_profile", args=[nurses.public_id]), data)
    assert response.status_code == 422
    assert "Choose at least one industry" in response.content.decode()
    assert "Kept" in response.content.decode()
    assert OrganizationPage.objects.get(pk=nurses.pk).standfirst == ""


def test_plain_members_and_strangers_do_not_write(nurses: OrganizationPage) -> None:
    address = reverse("organization_profile", args=[nurses.public_id])
    for user in (person("ben", nurses, "member"), person("eve", factories.organization(), "owner")):
        assert signed_in(user).post(address, filled(nurses, title="Mine now")).status_code == 404
    assert OrganizationPage.objects.get(pk=nurses.pk).title == "Nurses"


def test_a_new_organization_is_public_once_an_editor_says_so(nurses: OrganizationPage) -> None:
    ben = person("ben")
    data = filled(OrganizationPage(), title="Bakers", note="I am the secretary.", contact="555-0100")
    signed_in(ben).post(reverse("organization_new"), data)
    page = OrganizationPage.objects.get(title="Bakers")
    assert (page.live, page.slug) == (False, "bakers")
    assert not Document.objects.present().filter(public_id=page.public_id).exists()
    editor = person("edith")
    editor.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    decide = reverse("application_decide", args=[Application.objects.get().public_id])
    signed_in(editor).post(decide, {"decision": "approve", "role": "owner"})
    page.refresh_from_db()
    assert page.live
    assert Membership.objects.get(user=ben).role == "owner"
    assert Document.objects.present().filter(public_id=page.public_id).exists()


def test_a_refused_new_organization_leaves_nothing_public(nurses: OrganizationPage) -> None:
    ben = person("ben")
    for _twice in range(2):
        signed_in(ben).post(reverse("organization_new"), filled(OrganizationPage(), title="Nurses", note="Mine."))
    assert list(OrganizationPage.objects.filter(live=False).values_list("slug", flat=True)) == ["nurses", "nurses-2"]
    editor = person("edith")
    editor.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    for application in Application.objects.all():
        signed_in(editor).post(
            reverse("application_decide", args=[application.public_id]),
            {"decision": "refuse", "role": "owner", "answer": "We know them already."},
        )
    assert not OrganizationPage.objects.filter(live=False).exists()


def test_an_editors_draft_is_neither_published_nor_shown_by_an_organizers_save(nurses: OrganizationPage) -> None:
    edith = factories.user(groups=(EDITORS,))
    draft = nurses.get_latest_revision_as_object()
    draft.standfirst = "Not for the public yet"
    draft.save_revision(user=edith)
    client = signed_in(person("ada", nurses, "organizer"))
    address = reverse("organization_profile", args=[nurses.public_id])
    said = "An editor is changing this page and has not published it yet. Ask the editors of this site."
    opened = client.get(address)
    assert "Not for the public yet" not in opened.content.decode()
    assert [str(message) for message in opened.context["messages"]] == [said]
    stored = OrganizationPage.objects.get(pk=nurses.pk)
    response = client.post(address, filled(stored, contact="555-0100"))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [said]
    assert "555-0100" in response.content.decode()
    after = OrganizationPage.objects.get(pk=nurses.pk)
    assert (after.standfirst, after.contact) == ("", nurses.contact)
    assert after.get_latest_revision_as_object().standfirst == "Not for the public yet"
    # Once it is published, the profile is the organizers' again.
    after.get_latest_revision().publish()
    assert client.post(address, filled(after, contact="555-0100")).status_code == 302


def test_a_page_that_an_editor_has_locked_is_left_alone(nurses: OrganizationPage) -> None:
    OrganizationPage.objects.filter(pk=nurses.pk).update(locked=True, locked_by=factories.user(groups=(EDITORS,)))
    client = signed_in(person("ada", nurses, "organizer"))
    response = client.post(reverse("organization_profile", args=[nurses.public_id]), filled(nurses, contact="Mine"))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "An editor has locked this page. Ask the editors of this site."
    ]
    assert OrganizationPage.objects.get(pk=nurses.pk).contact == nurses.contact


def test_a_page_that_waits_in_a_workflow_is_left_alone(nurses: OrganizationPage) -> None:
    ada = person("ada", nurses, "organizer")
    draft = nurses.get_latest_revision_as_object()
    draft.save_revision(user=ada)
    review_workflow_sync().start(OrganizationPage.objects.get(pk=nurses.pk), ada)
    waiting = OrganizationPage.objects.get(pk=nurses.pk)
    response = signed_in(ada).post(
        reverse("organization_profile", args=[nurses.public_id]), filled(waiting, contact="Mine")
    )
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "A change of this page is being read before it is published. Ask the editors of this site."
    ]
    assert OrganizationPage.objects.get(pk=nurses.pk).workflow_in_progress
