"""What two do at the same moment in an organization. In a copy of the test database, for others to see commits."""

from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.urls import reverse

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.own_data import DeletionRefusedError, account_delete
from coalition.membership.models import Membership
from tests import factories
from tests.coalition.membership.test_profiles import filled
from tests.coalition.people import person
from tests.coalition.threads import closing, waits_or_ends


def test_of_two_owners_who_delete_their_accounts_at_once_the_second_stays(own_database: None) -> None:
    nurses = factories.organization("Nurses")
    ada, ben = person("ada", nurses, "owner"), person("ben", nurses, "owner")
    person("cleo", nurses)

    def second() -> bool:
        try:
            account_delete(user=User.objects.get(pk=ben.pk))
        except DeletionRefusedError:
            return False
        return True

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            account_delete(user=ada)
            answer = pool.submit(closing(second))
            waits_or_ends(answer)
        assert answer.result() is False
    assert list(Membership.objects.filter(role="owner").values_list("user__display_name", flat=True)) == ["Ben"]


def test_of_two_who_save_a_profile_at_once_the_second_sees_what_the_first_wrote(own_database: None) -> None:
    page = factories.organization("Nurses")
    page.save_revision().publish()
    nurses = OrganizationPage.objects.get(pk=page.pk)
    ada, ben = person("ada", nurses, "organizer"), person("ben", nurses, "organizer")
    first, second = factories.client_of(ada), factories.client_of(ben)
    address = reverse("organization_profile", args=[nurses.public_id])
    mine, theirs = filled(nurses, standfirst="First"), filled(nurses, standfirst="Second")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            OrganizationPage.objects.select_for_update(of=("self",)).get(pk=nurses.pk)
            answer = pool.submit(closing(lambda: second.post(address, theirs)))
            waits_or_ends(answer)
            assert first.post(address, mine).status_code == 302
        response = answer.result()
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()[0].startswith("Somebody else has changed the profile meanwhile")
    stored = OrganizationPage.objects.get(pk=nurses.pk)
    assert stored.standfirst == "First"
    html = response.content.decode()
    assert f'name="version" value="{stored.latest_revision_id}"' in html
    assert "Second" in html
