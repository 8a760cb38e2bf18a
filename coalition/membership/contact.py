"""Whether an organization hears what another asks of it.

Packages above know why it may not (it has blocked the other); they register that here. Whoever lets organizations
ask each other something asks this module, and hears through ``contact_refused`` of what no longer reaches anybody.
"""

from collections.abc import Callable

from cms.organizations.models import OrganizationPage

# Returns whether the first organization wants to hear nothing from the second.
Refusal = Callable[[OrganizationPage, OrganizationPage], bool]

_refusals: list[Refusal] = []


def refuses_to_hear(function: Refusal) -> Refusal:
    """Register a reason why an organization hears nothing from another. Use as a decorator on ``(hearer, asking)``."""
    _refusals.append(function)
    return function


def hears(organization: OrganizationPage, asking: OrganizationPage) -> bool:
    """Whether what one organization asks reaches another. Those who ask may never be told."""
    return not any(refuses(organization, asking) for refuses in _refusals)
