"""Asking the one table (``coalition.accounts.table``) whether somebody may do something, to a thing as it is now."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404
from django.utils.translation import gettext

from coalition.accounts.roles import Actor, roles_of
from coalition.accounts.table import TABLE, Rule

_states: dict[type[Model], Callable[[Any], str]] = {}


def state_of(*models: type[Model]) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
    """Register how the state of such things is read, as the table names it. Use as a decorator."""

    def register(function: Callable[[Any], str]) -> Callable[[Any], str]:
        for model in models:
            _states[model] = function
        return function

    return register


def rules(action: str) -> list[Rule]:
    """Return the rows of an action.

    Raises:
        LookupError: the table does not know the action.
    """
    found = [rule for rule in TABLE if rule.action == action]
    if not found:
        raise LookupError(f"The table of permissions has no action {action}.")
    return found


def may(user: Actor, action: str, thing: Model | None = None) -> bool:
    """Whether somebody may do something: to a thing, or, without one, at all."""
    own = roles_of(user, thing)
    reads = _states.get(type(thing)) if thing is not None else None
    return any(
        rule.roles & own
        and not rule.never & own
        and (not rule.states or (reads is not None and reads(thing) in rule.states))
        for rule in rules(action)
    )


def require(user: Actor, action: str, thing: Model | None = None) -> None:
    """Go on only if somebody may do something.

    Raises:
        Http404: they may not do it to this thing: it answers as one that does not exist.
        PermissionDenied: they may not do it at all.
    """
    if may(user, action, thing):
        return
    if thing is not None:
        raise Http404
    raise PermissionDenied(gettext("Your account may not do this. Ask an owner of your organization, or the editors."))
