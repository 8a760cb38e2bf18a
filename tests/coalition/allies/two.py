"""Two organizations that may come to know each other."""

from typing import Any

from django.test import Client
from django.urls import reverse

from coalition.allies.models import Introduction
from tests import factories
from tests.coalition.people import person, signed_in

NOTE, OURS, THEIRS = "We fight badges that count steps.", "Ada, 555-0100", "Ben, 555-0200"


class Two:
    """Two organizations with an organizer each."""

    def __init__(self) -> None:
        self.nurses, self.drivers = factories.organization("Nurses"), factories.organization("Drivers")
        self.ada, self.ben = person("ada", self.nurses, "organizer"), person("ben", self.drivers, "owner")
        self.ours, self.theirs = signed_in(self.ada), signed_in(self.ben)

    def ask(self) -> Introduction:
        address = reverse("introduction_new", args=[self.nurses.public_id, self.drivers.public_id])
        response = self.ours.post(address, {"note": NOTE, "contact": OURS})
        assert response.status_code == 302
        return Introduction.objects.latest("pk")

    def answer(self, introduction: Introduction, **data: str) -> Any:
        return self.theirs.post(reverse("introduction_answer", args=[introduction.public_id]), data)


def page(client: Client, introduction: Introduction) -> str:
    return client.get(reverse("introduction", args=[introduction.public_id])).content.decode()
