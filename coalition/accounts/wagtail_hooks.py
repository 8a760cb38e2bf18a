"""The admin's page of outgoing mail, for whom the table says, and how the admin refuses.

Mail itself knows neither the table nor who signs in.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from coalition.accounts.admin_refusals import refusals_settle
from coalition.accounts.permissions import may, require
from coalition.mail import views

refusals_settle()


def for_readers_of_mail(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a view for whoever may see to whom mail goes."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(request.user, "mail.see")
        return view(request, *args, **kwargs)

    return kept


class MailMenuItem(MenuItem):
    """The page's entry in the menu."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Show it to whoever may open it."""
        return may(request.user, "mail.see")


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the addresses of the page, of its table, and of decisions on mails."""
    return [
        path("mail/", for_readers_of_mail(views.mails), name="mail_mails"),
        path("mail/mails.csv", for_readers_of_mail(views.mails_csv), name="mail_mails_csv"),
        path("mail/several/", for_readers_of_mail(views.mail_decide_several), name="mail_decide_several"),
        path("mail/<int:pk>/", for_readers_of_mail(views.mail_decide), name="mail_decide"),
    ]


@hooks.register("register_settings_menu_item")
def menu_item() -> MenuItem:
    """Return the entry among the settings."""
    return MailMenuItem(_("Outgoing mail"), reverse_lazy("mail_mails"), icon_name="mail", order=900)
