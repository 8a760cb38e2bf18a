"""Promise 16: what is accepted in the same moment is accepted once, so that whoever ends it ends it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection

from coalition.accounts.models import User
from coalition.allies.introductions import introduction_accept, introduction_ask
from coalition.allies.models import Introduction
from tests.coalition.allies.two import NOTE, OURS, THEIRS, Two
from tests.coalition.people import person

State = Introduction.State


def at_once(*accepts: tuple[Introduction, User]) -> list[bool]:
    """Have several say yes in the same moment; return whose yes was taken."""
    ready = Barrier(len(accepts))

    def accept(each: tuple[Introduction, User]) -> bool:
        introduction, who = each
        ready.wait(10)
        try:
            introduction_accept(introduction=introduction, answered_by=who, contact="c")
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(accepts)) as pool:
        return list(pool.map(accept, accepts))


def test_two_who_accept_in_the_same_moment_accept_once(own_database: None) -> None:
    two = Two()
    introduction = two.ask()
    also = person("carl", two.drivers, "organizer")
    assert sorted(at_once((introduction, two.ben), (introduction, also))) == [False, True]
    assert Introduction.objects.get().state == State.ACCEPTED


def test_requests_that_cross_and_are_accepted_in_the_same_moment_are_one(own_database: None) -> None:
    """Otherwise ending one would leave the other open."""
    two = Two()
    one = introduction_ask(asking=two.nurses, asked=two.drivers, asked_by=two.ada, note=NOTE, contact=OURS)
    other = introduction_ask(asking=two.drivers, asked=two.nurses, asked_by=two.ben, note=NOTE, contact=THEIRS)
    assert sorted(at_once((one, two.ben), (other, two.ada))) == [False, True]
    assert Introduction.objects.filter(state=State.ACCEPTED).count() == 1
