"""Every address of the admin that names a thing, as everybody: with one's own, another's and an absent one."""

import re
from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import UUIDField
from django.urls import get_resolver
from wagtail.models import Page, Task
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from coalition.accounts.roles import Role
from coalition.accounts.table import TABLE
from coalition.intake.models import Submission
from tests.coalition.matrix import admin
from tests.coalition.matrix.admin import Things, addresses_name, path_of
from tests.coalition.matrix.test_matrix import ADMIN, addresses
from tests.coalition.matrix.world import ABSENT, Actor, World, world_make

pytestmark = pytest.mark.django_db
# What the table has to grant whoever may touch a thing. What is not named is an administrator's.
GRANTS = {
    **dict.fromkeys(
        ("page", "index", "campaigns", "story", "revision", "task state", "workflow state", "step"),
        "pages:wagtailcore.change_page",
    ),
    **dict.fromkeys(("document of search", "editing session"), "pages:wagtailcore.publish_page"),
    **dict.fromkeys(("picture", "uploaded picture"), "collections:wagtailimages.change_image"),
    **dict.fromkeys(("document", "uploaded document"), "collections:wagtaildocs.change_document"),
    **dict.fromkeys([model._meta.label_lower for model in get_snippet_models()] + ["concept"], "snippets"),
}
# What is nobody's but whoever's it is, whatever they are to the site.
OWN = {"uploaded picture", "uploaded document"}
# Somebody's text is approved by somebody else ("never" in the row "update.review"); nobody deletes themselves there.
NEVER_OWN = {
    "admin/users/delete/<int:pk>/",
    "admin/pages/workflow/action/<int:page_id>/<slug:action_name>/<int:task_state_id>/",
    "admin/pages/workflow/collect_action_data/<int:page_id>/<slug:action_name>/<int:task_state_id>/",
    "admin/pages/workflow/preview/<int:page_id>/<int:task_id>/",
}
# Steps of a review are named beside every page that is in one.
OPEN = {"admin/workflows/task_chooser/<int:task_id>/"}
# What answers nobody, because no thing of the world is of that sort.
NOBODY = {
    "admin/pages/<int:page_id>/convert_alias/": "no page is an alias",
    "admin/images/<int:image_id>/generate_url/": "addresses of pictures are not made by hand",
    "admin/images/<int:image_id>/generate_url/output/": "addresses of pictures are not made by hand",
    "admin/settings/<slug:app_name>/<slug:model_name>/<int:pk>/": "nothing is set there",
    "admin/settings/<slug:app_name>/<slug:model_name>/<int:pk>/preview/": "nothing is set there",
}
# What looks nothing up: an old address that leads on, and the end of a session of editing, which may be over already.
BLIND = {"admin/pages/<int:page_id>/revisions/", "admin/editing-sessions/release/<int:session_id>/"}
# Whose kinds are all of one class: whoever may not enter, and administrators, try one of them.
ALIKE = re.compile(r"admin/(vocabulary|snippets/choose/taxonomy)/(?!industry|merge)")
# Enough for each form to be read, and too little for it to be taken.
POSTED = {"body-count": "0", "text-count": "0", "new_parent_page": "1", "title": ""}
ACTORS = ("visitor", "member", "own organizer", "moderator", "editor", "administrator")


@pytest.fixture
def world(db: None, tmp_path: Any, settings: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    return world_make()


def routes() -> list[tuple[str, dict[str, str]]]:
    """Return every address of the admin that names a thing, with what it names."""
    found = []
    for route, name in addresses(get_resolver().url_patterns):
        # Bulk actions name theirs in the query, and what follows a forgotten password leads to our own door.
        if route.startswith(ADMIN) and "<" in route and name != "wagtail_bulk_action" and "password_reset" not in route:
            kinds = addresses_name(route)
            if any(not kind.startswith("=") for kind in kinds.values()):
                found.append((route, kinds))
    return found


def may(actor: Actor, route: str, kinds: dict[str, str], whose: str) -> bool:
    """Return what the table says of somebody and the things that an address names."""
    if Role.EDITOR not in actor.site or whose == "absent":
        return False
    named = {kind for kind in kinds.values() if not kind.startswith("=")}
    if whose == "another's" and named & OWN:
        return False
    if whose == "own" and route in NEVER_OWN:
        return False
    if Role.ADMIN in actor.site or route in OPEN:
        return True
    granted = {grant for rule in TABLE if rule.roles & actor.site for grant in rule.grants}
    return all(GRANTS.get(kind) in granted for kind in named)


def answer(actor: Actor, method: str, path: str, **more: Any) -> tuple[int, str, bytes, list[str]]:
    """Return status, location, body and messages, without what no two requests share: tokens and the address itself."""
    cookies = copy(actor.client.cookies)
    with transaction.atomic():
        response = getattr(actor.client, method)(path, *([POSTED] if method == "post" else []), **more)
        whole = b"".join(response.streaming_content) if response.streaming else response.content
        queued = getattr(getattr(response, "wsgi_request", None), "_messages", None)
        said = [str(message) for message in queued._queued_messages] if queued is not None else []
        transaction.set_rollback(True)
    actor.client.cookies = cookies
    body = re.sub(rb'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|"csrfToken": "[^"]*"', b"", whole)
    location = response.headers.get("Location", "").replace(path, "")
    return response.status_code, location, body.replace(path.encode(), b""), said


@pytest.mark.parametrize("name", ACTORS)
def test_anothers_thing_is_as_an_absent_one_to_whoever_may_not(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    actor, cells, unexpected = world.actors[name], 0, []
    shared = admin.shared_make()
    whose = {
        "own": admin.things_make(actor.user or world.user("member"), world.own, shared),
        "another's": admin.things_make(world.user("other organizer"), world.other, shared),
        "absent": admin.absent(),
    }
    for route, kinds in routes():
        if name != "editor" and ALIKE.match(route):
            continue
        paths = {each: _path(route, kinds, things) for each, things in whose.items()}
        for method in ("get", "post"):
            try:
                found = {each: answer(actor, method, path) for each, path in paths.items()}
            except Exception as error:  # What fails is one line of the list.
                unexpected.append((route, method, "fails", repr(error)[:150]))
                continue
            if {status for status, *_rest in found.values()} == {405}:
                continue
            cells += len(found)
            for each in ("own", "another's"):
                allowed = may(actor, route, kinds, each) and route not in NOBODY
                if allowed and not _opens(found[each]):
                    unexpected.append((route, method, each, "is refused", found[each][:2]))
                if not allowed and found[each] != found["absent"] and found[each][0] != 405:
                    unexpected.append((route, method, each, "is not as absent", found[each][:2], found["absent"][:2]))
            if Role.EDITOR in actor.site and route not in BLIND and found["absent"][0] not in (404, 405):
                unexpected.append((route, method, "absent", found["absent"][:2]))
    record_property("cells", cells)
    assert not unexpected, "\n".join(str(each) for each in unexpected)
    assert cells > 300


def _path(route: str, kinds: dict[str, str], things: Things) -> str:
    return path_of(route, {name: kind[1:] if kind[0] == "=" else things.of(kind) for name, kind in kinds.items()})


def _opens(found: tuple[int, str, bytes, list[str]]) -> bool:
    """Whether whoever may got further than a refusal: a form, what came of it, or that there is no such method."""
    status, location, _body, _said = found
    return status in (200, 302, 400, 405) and not location.startswith(("/account/login/", "/admin/login/"))


# Scripts of the admin ask so, and are not led anywhere.
SCRIPT = {"headers": {"X-Requested-With": "XMLHttpRequest"}}


def test_scripts_are_refused_alike(world: World) -> None:
    editor, shared = world.actors["editor"], admin.shared_make()
    things = {"there": admin.things_make(world.user("member"), world.own, shared), "absent": admin.absent()}
    tried = 0
    for route, kinds in routes():
        if may(editor, route, kinds, "another's"):
            continue
        for method in ("get", "post"):
            one, none = (answer(editor, method, _path(route, kinds, each), **SCRIPT) for each in things.values())
            assert one == none, (route, method)
            assert one[0] in (404, 405), (route, method)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize("name", ACTORS)
def test_bulk_actions_open_what_single_ones_do(world: World, name: str) -> None:
    """Their things stand in the query."""
    actor, shared = world.actors[name], admin.shared_make()
    things, none = admin.things_make(world.user("other member"), world.other, shared), admin.absent()
    for model, kind in (
        *(("accounts/user", "user"), ("wagtailcore/page", "page"), ("base/siteimage", "picture")),
        *(("wagtaildocs/document", "document"), ("taxonomy/industry", "taxonomy.industry")),
    ):
        path = f"/admin/bulk/{model}/delete/"
        for method in ("get", "post"):
            one, absent = (answer(actor, method, f"{path}?id={each.of(kind)}&next=/admin/") for each in (things, none))
            one, absent = ((*each[:1], each[1].partition("?")[0], *each[2:]) for each in (one, absent))
            if may(actor, path, {"id": kind}, "another's"):
                assert (one[0], absent[0]) == (200 if method == "get" else 302, 404), (path, method)
            else:
                assert one[:2] == absent[:2], (path, method)
                assert (len(one[2]), one[3]) == (len(absent[2]), absent[3]), (path, method)


def test_nothing_confidential_has_an_address_in_the_admin(world: World) -> None:
    """Neither one of its own, nor one of those that take the name of any model."""
    confidential = [
        model
        for app in apps.get_app_configs()
        if app.name.startswith("coalition.") and app.name != "coalition.accounts"
        for model in app.get_models()
        # A step of a review is set up in the admin: of what is read there, nothing is in it.
        if not issubclass(model, Task)
    ]
    assert Submission in confidential
    assert not {model for model in confidential if issubclass(model, Page)}
    assert not {model for model in confidential if policy_registry.get_by_type(model, fallback=False)}
    assert not set(confidential) & set(get_snippet_models())
    names = {model._meta.model_name for model in confidential} - {"document"}
    for route, _name in addresses(get_resolver().url_patterns):
        if route.startswith(ADMIN):
            assert not names & set(re.split(r"[^a-z-]+", route)), route
    boss = world.actors["administrator"]
    for model in confidential:
        label, name = model._meta.app_label, model._meta.model_name
        for path in (
            *(f"/admin/bulk/{label}/{name}/{do}/?id={admin.ABSENT_ID}" for do in ("delete", "publish")),
            *(f"/admin/settings/{label}/{name}/", f"/admin/snippets/{label}/{name}/"),
            *(f"/admin/snippets/choose/{label}/{name}/", f"/admin/pages/usage/{label}/{name}/"),
            *(f"/admin/pages/add/{label}/{name}/1/", f"/admin/pages/create/{label}/{name}"),
            *(f"/admin/tag-autocomplete/{label}/{name}/", f"/admin/workflows/tasks/add/{label}/{name}/"),
        ):
            assert answer(boss, "get", path)[0] == 404, path
        some = model._default_manager.first()
        pk = some.pk if some else ABSENT if isinstance(model._meta.pk, UUIDField) else admin.ABSENT_ID
        assert answer(boss, "post", f"/admin/editing-sessions/ping/{label}/{name}/{pk}/1/")[0] == 404, model
