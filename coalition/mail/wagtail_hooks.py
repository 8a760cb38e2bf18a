"""What outgoing mail adds to the admin: one page, for administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from coalition.mail import views


def may_see_mail(user: Any) -> bool:
    """Whether somebody may see to whom mail goes."""
    return bool(user.is_active and user.is_superuser)


def for_administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a view for administrators."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_see_mail(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return kept


class MailMenuItem(MenuItem):
    """The page's entry in the menu."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to administrators."""
        return may_see_mail(request.user)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the addresses of the page and of a decision on one mail."""
    return [
        path("mail/", for_administrators(views.mails), name="mail_mails"),
        path("mail/several/", for_administrators(views.mail_decide_several), name="mail_decide_several"),
        path("mail/<int:pk>/", for_administrators(views.mail_decide), name="mail_decide"),
    ]


@hooks.register("register_settings_menu_item")
def menu_item() -> MenuItem:
    """Return the entry among the settings."""
    return MailMenuItem(_("Outgoing mail"), reverse_lazy("mail_mails"), icon_name="mail", order=900)
