"""Every address as everybody, of one's own, another's and an absent thing, in every state: as the one table says."""

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from coalition.accounts.roles import Role
from coalition.accounts.table import TABLE
from coalition.intake.middleware import PREFIXES
from tests import samples
from tests.coalition.matrix.world import Actor, Case, World, cases, world_make

pytestmark = pytest.mark.django_db
# Other packages' addresses, whose names stand in no row one by one: the row of the admin names their beginning.
ADMIN = "admin/"
# Who is shown what was told, and where: whoever told it, and whoever has it in hand. Everybody else, nowhere.
SHOWN = {
    *((name, "moderator") for name in ("moderation_submission", "moderation_text", "moderation_write")),
    *((name, "teller") for name in ("return_home", "return_words", "return_file", "return_files")),
    *((name, "teller") for name in ("tell_check", "tell_all", "tell_files", "tell_step")),
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield route, pattern.name


def test_every_address_stands_in_a_row_and_every_row_names_addresses_that_exist() -> None:
    named = {url for rule in TABLE for url in rule.urls}
    found = list(addresses(get_resolver().url_patterns))
    missing = [(route, name) for route, name in found if name not in named and not route.startswith(ADMIN)]
    assert missing == []
    assert named - {name for _route, name in found} == {ADMIN}


def allowed(case: Case, actor: Actor) -> bool:
    """Return what the table says, from what the world says that everybody is; none of the site's own code is asked."""
    if case.is_absent:
        return False
    roles = actor.site | case.roles.get(actor.name, frozenset()) if actor.name != "visitor" else actor.site
    return any(
        case.url in rule.urls
        and rule.roles & roles
        and not rule.never & roles
        and (not rule.states or case.state in rule.states)
        for rule in TABLE
    )


def verdict(response: Any) -> str:
    if response.status_code == 302 and "/login/" in response.headers["Location"]:
        return "sign in"
    # Wagtail's admin leads whoever may not back to its first page.
    # Telling leads whoever has no code to where it is asked for.
    if response.status_code in (403, 404) or response.headers.get("Location") in ("/admin/", "/return/"):
        return "refused"
    if response.status_code == 405:
        return "no such method"
    return "allowed"


def shows(response: Any, world: World) -> bool:
    """Whether a canary of what was told is in anything that an address answers: headers, cookies, body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    whole = f"{response.headers} {response.cookies}".encode() + body
    return world.canary.encode() in whole or samples.CANARY in whole


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    return world_make()


def test_every_address_answers_everybody_as_the_table_says(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    unexpected, cells, seen, shown = [], 0, set(), set()
    # Which methods an address has does not depend on who asks.
    without: set[tuple[str, str]] = set()
    for case in cases(world):
        path = reverse(case.url, args=case.args)
        seen.add(case.url)
        for actor in world.actors.values():
            if actor.user is None and actor.name != "visitor" and not path.startswith((*PREFIXES, "/moderation/")):
                # Elsewhere a teller is any visitor.
                continue
            for method in ("get", "post"):
                if (case.url, method) in without:
                    continue
                # Leaving and ending take cookies away.
                cookies = copy(actor.client.cookies)
                with transaction.atomic():
                    response = getattr(actor.client, method)(
                        path,
                        case.data if method == "post" else None,
                        # Over plain http they are closed to everybody.
                        secure=path.startswith(PREFIXES),
                        headers=case.headers,
                    )
                    if shows(response, world):
                        shown.add((case.url, actor.name))
                    transaction.set_rollback(True)
                actor.client.cookies = cookies
                said = verdict(response)
                if said == "no such method":
                    without.add((case.url, method))
                    continue
                cells += 1
                if allowed(case, actor):
                    wanted = "allowed"
                elif path.startswith("/admin/") and actor.name not in ("editor", "administrator"):
                    # Wagtail's admin leads everybody there who may not enter it.
                    wanted = "sign in"
                elif actor.user is None and not _is_public(case) and not path.startswith(PREFIXES):
                    wanted = "sign in"
                else:
                    wanted = "refused"
                if said != wanted:
                    unexpected.append((case.url, case.state, actor.name, method, wanted, response.status_code))
    record_property("cells", cells)
    record_property("addresses", len(seen))
    assert not unexpected, "\n".join(str(each) for each in unexpected)
    assert shown == SHOWN
    assert cells > 2000


def _is_public(case: Case) -> bool:
    return any(case.url in rule.urls and Role.VISITOR in rule.roles for rule in TABLE)


def test_an_absent_thing_and_anothers_answer_with_the_same_page(world: World) -> None:
    """Promise 14: status and length, for whoever may not."""
    stranger = world.actors["member"]
    pages: dict[str, set[tuple[int, int]]] = {}
    for case in cases(world):
        if not case.args or allowed(case, stranger) or stranger.name in case.roles:
            continue
        with transaction.atomic():
            response = stranger.client.get(reverse(case.url, args=case.args))
            transaction.set_rollback(True)
        if response.status_code != 405:
            pages.setdefault(case.url, set()).add((response.status_code, len(response.content)))
    different = {url: found for url, found in pages.items() if len(found) > 1}
    assert different == {}
    assert len(pages) > 20


@pytest.mark.parametrize("name", ["visitor", "member", "own owner", "moderator"])
def test_no_address_of_the_admin_answers_who_may_not_enter(world: World, name: str) -> None:
    actor = world.actors[name]
    opened, tried = [], 0
    for route, _name in addresses(get_resolver().url_patterns):
        if not route.startswith(ADMIN) or any(sign in route for sign in "(\\["):
            continue
        path = "/" + "/".join("1" if "<" in part else part for part in route.split("/"))
        tried += 1
        for method in ("get", "post"):
            with transaction.atomic():
                response = getattr(actor.client, method)(path)
                transaction.set_rollback(True)
            if response.status_code not in (301, 302, 403, 404, 405):
                opened.append((path, method, response.status_code))
    # What draws the sign-in page and the admin's texts for scripts holds nothing of the site.
    assert [entry for entry in opened if not entry[0].startswith(("/admin/jsi18n/", "/admin/sprite"))] == []
    assert tried > 200
