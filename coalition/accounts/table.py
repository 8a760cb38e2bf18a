"""Who may do what, in which state: the one table. Views, templates, Wagtail's groups, ``docs/roles.md`` follow it.

A row names an action, the roles that may do it, the states of the thing in which they may (none named: in any), and the
addresses at which it is done. An action may have several rows. What no row allows is refused; an address that stands in
no row fails the suite (``tests/coalition/matrix/test_matrix.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coalition.accounts.roles import Role


@dataclass(frozen=True)
class Rule:
    """One row: ``doing`` says in words what the action is; ``urls`` are names of addresses.

    ``never`` are roles that may not, whatever else they are. ``grants`` are rights in the editors' admin that the
    roles' groups get: ``app.codename``, before it ``pages:`` or ``collections:`` where it holds for all of those, and
    ``snippets`` for everything on every kind of snippet.
    """

    action: str
    doing: Promise | str
    roles: frozenset[Role]
    urls: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
    grants: tuple[str, ...] = ()
    never: frozenset[Role] = frozenset()


def _rule(
    action: str,
    doing: Promise | str,
    roles: Iterable[Role],
    urls: Iterable[str] = (),
    states: Iterable[str] = (),
    *,
    grants: Iterable[str] = (),
    never: Iterable[Role] = (),
) -> Rule:
    return Rule(action, doing, frozenset(roles), tuple(urls), frozenset(states), tuple(grants), frozenset(never))


VISITOR, MEMBER, SELF, AFFILIATE = Role.VISITOR, Role.MEMBER, Role.SELF, Role.AFFILIATE
ORGANIZER, OWNER, EDITOR, MODERATOR, ADMIN = Role.ORGANIZER, Role.OWNER, Role.EDITOR, Role.MODERATOR, Role.ADMIN
# While a change is read, what was published before is still there.
_ON_THE_SITE = ("live", "live-in-review")

TABLE: tuple[Rule, ...] = (
    # --- reading ----------------------------------------------------------------------------------------------------
    _rule(
        "site.read",
        _("read what is published, search it, describe one’s own situation"),
        {VISITOR},
        [
            *[
                "privacy",
                "picture",
                "search",
                "search_csv",
                "match",
                "not_alike",
                "topics",
                "topic",
                "people",
                "person",
            ],
            *["directory_map", "directory_print", "sitemap", "robots", "health", "wagtail_serve"],
            *["wagtailcore_authenticate_with_password", "wagtaildocs_serve", "wagtaildocs_authenticate_with_password"],
        ],
    ),
    _rule("site.language", _("choose a language"), {VISITOR}, ["set_language"]),
    _rule("site.styleguide", _("see the style guide, in development"), {VISITOR}, ["styleguide"]),
    # --- one's own account ------------------------------------------------------------------------------------------
    _rule("account.setup", _("become the first administrator, with the one-time link"), {VISITOR}, ["accounts_setup"]),
    _rule(
        "account.enter",
        _("open an account, sign in, get a new password"),
        {VISITOR},
        [
            "account_login",
            "account_logout",
            # The doors that Wagtail has, which lead to ours.
            "admin_door",
            "admin_password_door",
            "page_door",
            "wagtailcore_login",
            "account_signup",
            "account_inactive",
            "account_email_verification_sent",
            "account_request_login_code",
            "account_confirm_login_code",
            "account_reset_password",
            "account_confirm_password_reset_code",
            "account_complete_password_reset",
            "account_password_reset_completed",
            "mfa_authenticate",
            "mfa_login_webauthn",
        ],
    ),
    _rule(
        "account.keep",
        _("change one’s own account, see and end its sessions, take one’s data along, delete it"),
        {MEMBER},
        [
            "account",
            "account_email",
            "account_change_password",
            "account_set_password",
            "account_reauthenticate",
            "account_sessions",
            "account_data",
            "account_data_download",
            "account_delete",
            "mfa_index",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_list_webauthn",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        ],
    ),
    _rule("account.dashboard", _("see what needs one"), {MEMBER}, ["you"]),
    # --- belonging to an organization -------------------------------------------------------------------------------
    _rule("organization.propose", _("bring in a new organization"), {MEMBER}, ["organization_new"]),
    _rule(
        "organization.apply",
        _("ask to keep an organization’s page, or to belong to it"),
        {MEMBER},
        ["organization_apply"],
        ["live"],
    ),
    _rule("organization.desk", _("see who belongs to the organization"), {AFFILIATE, EDITOR}, ["organization_desk"]),
    _rule("organization.profile", _("write its profile"), {ORGANIZER, EDITOR}, ["organization_profile"]),
    _rule(
        "organization.people",
        _("invite people, and see their addresses"),
        {OWNER, EDITOR},
        ["organization_invite", "organization_members_csv"],
    ),
    _rule("organization.practice", _("settle how it publishes"), {OWNER}, ["organization_practice"]),
    _rule(
        "membership.change",
        _("change somebody’s role, or remove them"),
        {OWNER, EDITOR},
        ["member_change", "organization_people"],
    ),
    _rule("membership.leave", _("leave an organization"), {SELF}, ["member_leave"]),
    _rule("invitation.open", _("accept or decline an invitation, with its link"), {MEMBER}, ["invitation"]),
    _rule("invitation.answer", _("accept or decline one’s own invitation"), {SELF}, ["invitation_mine"], ["open"]),
    _rule("invitation.revoke", _("take an invitation back"), {OWNER, EDITOR}, ["invitation_take_back"]),
    _rule(
        "application.decide",
        _("decide on a new organization, and on who keeps a page that nobody keeps"),
        {EDITOR},
        ["application_decide"],
        ["new", "claim"],
    ),
    _rule("application.decide", _("decide on who belongs to it"), {OWNER}, ["application_decide"], ["join"]),
    _rule(
        "application.list",
        _("see all requests on which one decides"),
        {OWNER, EDITOR},
        ["applications", "applications_csv"],
    ),
    # Too late, it says so: what is one's own is there, whatever became of it.
    _rule("application.withdraw", _("take one’s own application back"), {SELF}, ["application_take_back"]),
    _rule("organizations.merge", _("merge two entries of one organization"), {EDITOR}, ["organizations_merge"]),
    # --- allies -----------------------------------------------------------------------------------------------------
    _rule(
        "allies.find",
        _("see who could be an ally, and why"),
        {AFFILIATE, EDITOR},
        ["allies", "allies_network"],
        ["live"],
    ),
    _rule("introduction.ask", _("ask to be introduced"), {ORGANIZER}, ["introduction_new"], ["live"]),
    _rule(
        "introduction.list",
        _("see whom one has asked, and who asks"),
        {ORGANIZER},
        ["introductions", "introductions_csv"],
    ),
    _rule(
        "introduction.read",
        _("read a request, its answer and the thread; write in it"),
        {SELF, ORGANIZER},
        ["introduction"],
    ),
    _rule("introduction.answer", _("accept or decline"), {ORGANIZER}, ["introduction_answer"], ["waiting"]),
    _rule("introduction.withdraw", _("take one’s request back"), {SELF}, ["introduction_take_back"]),
    _rule(
        "introduction.together",
        _("propose to the other side to take part in a campaign"),
        {SELF, ORGANIZER},
        ["introduction_together"],
        ["accepted"],
    ),
    _rule(
        "introduction.end", _("end what was agreed, and block"), {SELF, ORGANIZER}, ["introduction_close"], ["accepted"]
    ),
    _rule("allies.block", _("block another organization, or unblock it"), {ORGANIZER}, ["organization_blocks"]),
    # --- coalitions -------------------------------------------------------------------------------------------------
    _rule("coalition.desk", _("see with whom the organization is together"), {AFFILIATE, EDITOR}, ["coalition_desk"]),
    _rule(
        "coalition.propose",
        _("ask an organization to belong to a coalition, or ask to belong to one"),
        {ORGANIZER},
        ["affiliation_new"],
    ),
    _rule("coalition.answer", _("say whether it belongs"), {ORGANIZER}, ["affiliation_decide"], ["open"]),
    _rule("coalition.leave", _("take the request back, leave or let go"), {SELF, ORGANIZER}, ["affiliation_leave"]),
    _rule("coalition.enter", _("enter a date into the calendar"), {ORGANIZER}, ["calendar_entry_new"]),
    _rule("coalition.calendar", _("take a date out of the calendar"), {ORGANIZER}, ["calendar_entry_delete"]),
    _rule("calendar.read", _("read a coalition’s calendar"), {VISITOR}, ["calendar", "calendar_page"], ["live"]),
    # --- campaigns and updates: organizers of the organizations that lead -------------------------------------------
    _rule("campaign.mine", _("see the organizations one organizes for"), {MEMBER}, ["campaign_mine"]),
    _rule(
        "campaign.list",
        _("see an organization’s campaigns, drafts among them"),
        {ORGANIZER},
        ["campaign_list", "campaign_list_csv"],
    ),
    _rule("campaign.start", _("start a campaign for an organization"), {ORGANIZER}, ["campaign_start"]),
    _rule(
        "campaign.edit",
        _("write a campaign"),
        {ORGANIZER},
        ["campaign_manage", "campaign_step", "campaign_preview"],
    ),
    _rule(
        "campaign.publish",
        _("publish a campaign, or send it to be read first"),
        {ORGANIZER},
        ["campaign_publish"],
        ["draft", "live", "scheduled", "unpublished"],
    ),
    _rule("campaign.unpublish", _("take a campaign off the site"), {ORGANIZER}, ["campaign_remove"], _ON_THE_SITE),
    _rule("campaign.delete", _("delete a campaign’s draft"), {ORGANIZER}, ["campaign_remove"], ["draft"]),
    _rule(
        "campaign.join.invite",
        _("ask an organization to join a campaign"),
        {ORGANIZER},
        ["campaign_organizations"],
    ),
    _rule(
        "campaign.join.ask",
        _("ask for an organization of one’s own to be let into a campaign"),
        {ORGANIZER},
        ["campaign_join"],
    ),
    _rule("campaign.join.see", _("see a request to join"), {SELF, ORGANIZER}, ["campaign_join_request"]),
    _rule(
        "campaign.join.answer",
        _("accept or decline a request to join"),
        {ORGANIZER},
        ["campaign_join_request"],
        ["open"],
    ),
    _rule("campaign.join.withdraw", _("take a request to join back"), {SELF}, ["campaign_join_request"], ["open"]),
    _rule("campaign.leave", _("take an organization out of a campaign"), {ORGANIZER}, ["campaign_leave"]),
    _rule(
        "update.write",
        _("write an update of a campaign"),
        {ORGANIZER},
        ["update_new", "update_write", "update_edit", "update_preview", "update_versions"],
    ),
    _rule(
        "update.publish",
        _("publish an update, now or later, or send it to be read first"),
        {ORGANIZER},
        ["update_write"],
        ["draft", "live", "scheduled", "unpublished"],
    ),
    _rule("update.unpublish", _("take an update off the site"), {ORGANIZER}, ["update_remove"], _ON_THE_SITE),
    _rule("update.delete", _("delete an update’s draft"), {ORGANIZER}, ["update_remove"], ["draft"]),
    _rule(
        "update.withdraw",
        _("take a text back before it is read"),
        {ORGANIZER},
        ["update_withdraw"],
        ["in-review", "live-in-review"],
    ),
    _rule(
        "update.review",
        _("read a text of somebody else’s, approve it or send it back"),
        {OWNER, EDITOR},
        ["update_review"],
        ["open"],
        # An editor is somebody to every text; to their own, its author above all.
        never={SELF},
    ),
    # --- telling in confidence --------------------------------------------------------------------------------------
    _rule(
        "tell",
        _("tell what happened, without an account, and leave in a hurry"),
        {VISITOR},
        [
            *("tell", "tell_all", "tell_step", "tell_check", "tell_send", "tell_later", "tell_discard", "tell_end"),
            "tell_files",
            "leave",
        ],
    ),
    _rule("tell.return", _("come back with the return code"), {VISITOR}, ["return", "return_close"]),
    _rule(
        "tell.own",
        _("read, answer and take back what one told oneself, and keep its files"),
        {SELF},
        [
            *("return_home", "return_message", "return_text", "return_withdraw", "return_words"),
            *("return_files", "return_file", "return_piece", "tell_piece"),
        ],
    ),
    # --- reading what was told: what somebody has in hand is theirs ("whose it is"), and no one else's ---------------
    _rule(
        "moderation.queue",
        _("see that something was told in confidence, how it stands and who has it; take it in hand"),
        {MODERATOR},
        ["moderation", "moderation_csv", "moderation_submission", "moderation_take"],
    ),
    _rule(
        "moderation.keep",
        _("read it, write notes and messages, put it back, hand it on, decline it; propose a public text"),
        {SELF},
        ["moderation_step", "moderation_write", "moderation_hand", "moderation_text"],
    ),
    _rule(
        "moderation.identity", _("see how to reach whoever told it, for a stated reason"), {SELF}, ["moderation_who"]
    ),
    _rule("moderation.log", _("see who opened what was told, and why"), {ADMIN}, ["moderation_log"]),
    _rule(
        "moderation.exempt",
        _("let a moderator read what names an organization of theirs, for a stated reason"),
        {ADMIN},
        ["moderation_exempt"],
    ),
    _rule("intake.files", _("open the cleaned copies of files that tellers sent"), {SELF}, ["moderation_file"]),
    # --- following --------------------------------------------------------------------------------------------------
    _rule(
        "follow.begin",
        _("follow something, with or without an account, and read feeds"),
        {VISITOR},
        ["follow", "follow_sent", "search_feed", "campaign_feed", "organization_feed"],
    ),
    _rule(
        "follow.with_link",
        _("say yes to following, change it and stop its mails, with the link of a mail"),
        {VISITOR},
        ["follow_confirm", "follow_manage", "follow_unsubscribe"],
    ),
    _rule(
        "follow.keep",
        _("see what one follows, and what is new of it"),
        {MEMBER},
        ["follow_mine", "follow_mine_csv", "follow_news"],
    ),
    _rule("follow.change", _("change, pause or end one’s own follow"), {SELF}, ["follow_change"]),
    # --- the editors' admin -----------------------------------------------------------------------------------------
    _rule(
        "admin.enter",
        _("enter the editors’ admin"),
        {EDITOR},
        ["admin/"],
        grants=["wagtailadmin.access_admin"],
    ),
    _rule(
        "pages.keep",
        _("write, publish, move, lock and delete any page"),
        {EDITOR},
        grants=[
            f"pages:wagtailcore.{doing}_page" for doing in ("add", "change", "publish", "lock", "unlock", "bulk_delete")
        ],
    ),
    _rule(
        "pictures.keep",
        _("keep pictures and documents"),
        {EDITOR},
        grants=[
            *(
                f"collections:{right}"
                # Wagtail asks for the rights of its own model of a picture, whichever model a site has.
                for right in ("wagtailimages.add_image", "wagtailimages.change_image", "wagtailimages.choose_image")
            ),
            *(f"collections:wagtaildocs.{doing}_document" for doing in ("add", "change", "choose")),
        ],
    ),
    _rule("vocabulary.keep", _("keep concepts, products, sources and people"), {EDITOR}, grants=["snippets"]),
    _rule(
        "mail.see",
        _("see and settle mail that was cut off or refused"),
        {ADMIN},
        ["mail_mails", "mail_mails_csv", "mail_decide", "mail_decide_several"],
    ),
)

if settings.OIDC_URL:
    # Its addresses are there only where a setting names a provider.
    TABLE += (
        _rule(
            "account.elsewhere",
            _("sign in through another organization’s door (OpenID Connect), where a setting names one"),
            {VISITOR},
            [
                *["openid_connect_login", "openid_connect_callback"],
                *["socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup"],
            ],
        ),
        _rule(
            "account.elsewhere.keep",
            _("link one’s account with another organization’s door, or unlink it"),
            {MEMBER},
            ["socialaccount_connections"],
        ),
    )
