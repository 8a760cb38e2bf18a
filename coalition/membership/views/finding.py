"""Finding what an address names; what one may not see answers as what does not exist."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.permissions import require

Thing = TypeVar("Thing", bound=Model)


def organization_for(request: HttpRequest, public_id: UUID, action: str) -> OrganizationPage:
    """Return an organization with which the reader may do something.

    Raises:
        Http404: there is none, or they may not.
    """
    return thing_for(request, OrganizationPage, public_id, action)


def thing_for(request: HttpRequest, model: type[Thing], public_id: UUID, action: str) -> Thing:
    """Return a thing with which the reader may do something.

    Raises:
        Http404: there is none, or they may not.
    """
    thing = get_object_or_404(model, public_id=public_id)
    require(request.user, action, thing)
    return thing


def organization_named(value: str) -> OrganizationPage | None:
    """Return the public organization whose id somebody posted; whatever else stands there names none."""
    try:
        public_id = UUID(value)
    except ValueError:
        return None
    return OrganizationPage.objects.live().public().filter(public_id=public_id).first()


def reader(request: HttpRequest) -> User:
    """Return who has signed in.

    Raises:
        TypeError: nobody has; the view lacks ``login_required``.
    """
    if not isinstance(request.user, User):
        raise TypeError("This page is for people who have signed in.")
    return request.user
