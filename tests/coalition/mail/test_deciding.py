"""The admin's page of mails that were cut off: several at once."""

import pytest
from django.urls import reverse

from coalition.mail.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


def mail(number: int, state: str) -> OutgoingMail:
    return OutgoingMail.objects.create(key=f"k{number}", kind="account", to="a@example.org", state=state, text="t")


def test_several_are_sent_again_or_settled() -> None:
    mails = [mail(number, state) for number, state in enumerate(["unsure", "failed", "unsure", "waiting"])]
    client = factories.client_of(factories.user(superuser=True))
    assert client.get(reverse("mail_mails")).content.decode().count('form="several"') == 3
    address = reverse("mail_decide_several")
    client.post(address, {"mail": [mails[0].pk, mails[1].pk, "nonsense", "9" * 30], "decision": "resend"})
    client.post(address, {"mail": [mails[2].pk, mails[3].pk], "decision": "settle"})
    client.post(address, {"decision": "resend"})
    states = list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["waiting", "waiting", "sent", "waiting"]
    editor = factories.client_of(factories.user(groups=("Editors",)))
    assert editor.post(address, {"mail": [mails[0].pk], "decision": "settle"}).status_code == 302
    assert OutgoingMail.objects.filter(state="sent").count() == 1


def test_what_can_no_longer_be_settled_says_so() -> None:
    client = factories.client_of(factories.user(superuser=True))
    settled = mail(1, "sent")
    page = client.post(reverse("mail_decide", args=[settled.pk]), {"decision": "settle"}, follow=True)
    sentence = "This mail can no longer be settled: somebody has decided on it, or it is gone."
    assert [str(said) for said in page.context["messages"]] == [sentence]


def test_both_lists_are_a_table_without_what_the_mails_say() -> None:
    OutgoingMail.objects.create(
        key="failed",
        kind="account",
        to="a@example.org",
        state="failed",
        subject="s-canary",
        text="t-canary",
        problem="550",
    )
    OutgoingMail.objects.create(key="again", kind="digest", to="b@example.org", attempts=2, problem="timed out")
    OutgoingMail.objects.create(key="sent", kind="account", state="sent")
    client = factories.client_of(factories.user(superuser=True))
    assert reverse("mail_mails_csv") in client.get(reverse("mail_mails")).content.decode()
    table = client.get(reverse("mail_mails_csv")).content.decode()
    rows = [line.split(",")[:5] for line in table.splitlines()[1:]]
    assert rows == [
        ["a@example.org", "account", "refused for good", "550", "0"],
        ["", "digest", "waits", "timed out", "2"],
    ]
    assert "canary" not in table
