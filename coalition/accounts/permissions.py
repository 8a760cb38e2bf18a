"""Who may do what, in which state: the one table. Views, templates, Wagtail's groups, ``docs/roles.md`` follow it.

A row names an action, the roles that may do it, the states of the thing in which they may (none named: in any), and the
addresses at which it is done. An action may have several rows. What no row allows is refused; an address that stands in
no row fails the suite (``tests/coalition/accounts/test_matrix.py``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coalition.accounts.roles import Actor, Role, roles_of


@dataclass(frozen=True)
class Rule:
    """One row: ``doing`` says in words what the action is; ``urls`` are names of addresses."""

    action: str
    doing: Promise | str
    roles: frozenset[Role]
    urls: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()


def _rule(
    action: str, doing: Promise | str, roles: Iterable[Role], urls: Iterable[str] = (), states: Iterable[str] = ()
) -> Rule:
    return Rule(action, doing, frozenset(roles), tuple(urls), frozenset(states))


VISITOR, MEMBER, SELF, AFFILIATE = Role.VISITOR, Role.MEMBER, Role.SELF, Role.AFFILIATE
ORGANIZER, OWNER, EDITOR, MODERATOR, ADMIN = Role.ORGANIZER, Role.OWNER, Role.EDITOR, Role.MODERATOR, Role.ADMIN
_t = gettext_lazy
# In review, what was published before is still there.
_ON_THE_SITE = ("live", "in-review")

TABLE: tuple[Rule, ...] = (
    # --- reading ----------------------------------------------------------------------------------------------------
    _rule(
        "site.read",
        _t("read what is published, search it, describe one’s own situation"),
        {VISITOR},
        ["search", "match", "not_alike", "topics", "topic", "people", "person", "sitemap", "robots", "health"],
    ),
    _rule("site.language", _t("choose a language"), {VISITOR}, ["set_language"]),
    # --- one's own account ------------------------------------------------------------------------------------------
    _rule("account.setup", _t("become the first administrator, with the one-time link"), {VISITOR}, ["accounts_setup"]),
    _rule("account.dashboard", _t("see what needs one"), {MEMBER}, ["you"]),
    # --- campaigns and updates: organizers of the organizations that lead -------------------------------------------
    _rule("campaign.mine", _t("see the organizations one organizes for"), {MEMBER}, ["campaign_mine"]),
    _rule("campaign.list", _t("see an organization’s campaigns, drafts among them"), {ORGANIZER}, ["campaign_list"]),
    _rule("campaign.start", _t("start a campaign for an organization"), {ORGANIZER}, ["campaign_start"]),
    _rule(
        "campaign.edit",
        _t("write a campaign"),
        {ORGANIZER},
        ["campaign_manage", "campaign_step", "campaign_preview", "campaign_remove"],
    ),
    _rule(
        "campaign.publish",
        _t("publish a campaign, or send it to be read first"),
        {ORGANIZER},
        ["campaign_publish"],
        ["draft", "live", "scheduled", "unpublished"],
    ),
    _rule("campaign.unpublish", _t("take a campaign off the site"), {ORGANIZER}, ["campaign_remove"], _ON_THE_SITE),
    _rule("campaign.delete", _t("delete a campaign’s draft"), {ORGANIZER}, ["campaign_remove"], ["draft"]),
    _rule(
        "campaign.join.invite",
        _t("ask an organization to join a campaign"),
        {ORGANIZER},
        ["campaign_organizations"],
    ),
    _rule(
        "campaign.join.ask",
        _t("ask for an organization of one’s own to be let into a campaign"),
        {ORGANIZER},
        ["campaign_join"],
    ),
    _rule("campaign.join.see", _t("see a request to join"), {SELF, ORGANIZER}, ["campaign_join_request"]),
    _rule(
        "campaign.join.answer",
        _t("accept or decline a request to join"),
        {ORGANIZER},
        ["campaign_join_request"],
        ["open"],
    ),
    _rule("campaign.join.withdraw", _t("take a request to join back"), {SELF}, ["campaign_join_request"], ["open"]),
    _rule("campaign.leave", _t("take an organization out of a campaign"), {ORGANIZER}, ["campaign_leave"]),
    _rule(
        "update.write",
        _t("write an update of a campaign"),
        {ORGANIZER},
        ["update_new", "update_write", "update_edit", "update_preview", "update_versions", "update_remove"],
    ),
    _rule(
        "update.publish",
        _t("publish an update, now or later, or send it to be read first"),
        {ORGANIZER},
        ["update_write"],
        ["draft", "live", "scheduled", "unpublished"],
    ),
    _rule("update.unpublish", _t("take an update off the site"), {ORGANIZER}, ["update_remove"], _ON_THE_SITE),
    _rule("update.delete", _t("delete an update’s draft"), {ORGANIZER}, ["update_remove"], ["draft"]),
    _rule(
        "update.withdraw",
        _t("take a text back before it is read"),
        {ORGANIZER},
        ["update_withdraw"],
        ["in-review"],
    ),
    _rule(
        "update.review",
        _t("read a text of somebody else’s, approve it or send it back"),
        {OWNER, EDITOR},
        ["update_review"],
        ["open"],
    ),
    # --- the editors' admin -----------------------------------------------------------------------------------------
    _rule("admin.enter", _t("enter the editors’ admin"), {EDITOR}, ["admin/"]),
)

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
        rule.roles & own and (not rule.states or (reads is not None and reads(thing) in rule.states))
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
    raise PermissionDenied(_("Your account may not do this. Ask an owner of your organization, or the editors."))
