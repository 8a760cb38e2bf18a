"""What search adds to the admin: the links desk, what waits there, and what a story may be tagged with."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.stories.models import StoryPage
from search import tagging_views
from search.curation import desk, review
from search.curation.start import LinksPanel
from search.models import Document
from search.projection import is_searchable


def may_judge(user: Any) -> bool:
    """Whether somebody may decide on links: whoever may publish a page somewhere."""
    return bool(PagePermissionPolicy().user_has_permission(user, "publish"))


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a view for those who may decide on links."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_judge(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return kept


class LinksMenuItem(MenuItem):
    """The desk's entry in the menu."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to those who may decide."""
        return may_judge(request.user)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the addresses of the desk and of the suggested concepts."""
    return [
        path("links/", for_editors(desk.links), name="search_links"),
        path("links/review/", for_editors(review.review), name="search_link_review"),
        path("links/<uuid:public_id>/", for_editors(desk.link_desk), name="search_link_desk"),
        path("links/<uuid:public_id>/judge/", for_editors(desk.link_judge), name="search_link_judge"),
        path("concepts/of-page/<int:pk>/", tagging_views.suggested, name="search_suggested_concepts"),
    ]


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Return the desk's entry in the menu."""
    return LinksMenuItem(_("Links"), reverse("search_links"), icon_name="link", order=290)


@hooks.register("construct_homepage_panels")
def links_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Say on the start page what waits, to those who may decide."""
    if may_judge(request.user):
        panels.append(LinksPanel())


@hooks.register("register_page_header_buttons")
def header_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Lead from a page's editor to its links."""
    specific = page.specific
    if is_searchable(specific) and may_judge(user):
        document = Document.objects.present().filter(public_id=specific.public_id).first()
        if document is not None:
            url = reverse("search_link_desk", args=[document.public_id])
            yield Button(_("Links to other pages"), url, icon_name="link", priority=45)


@hooks.register("register_page_header_buttons")
def suggestions_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Lead from a story's editor to the concepts that its text suggests."""
    if page.pk and issubclass(page.specific_class or Page, StoryPage) and page.permissions_for_user(user).can_edit():
        url = reverse("search_suggested_concepts", args=[page.pk])
        yield Button(_("Suggest concepts"), url, icon_name="tag", priority=46)
