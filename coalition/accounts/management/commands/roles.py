"""``manage.py roles``: print the table of permissions as a page of the documentation."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from coalition.accounts.roles import IMPLIED, Role
from coalition.accounts.table import TABLE, Rule

_ABOUT = """# Who may do what

Made by `python manage.py roles > docs/roles.md` from the one table, `coalition/accounts/table.py`: views,
templates and the admin's groups ask it, and a test tries every address as every role.

Member, organizer and owner are roles in the organization whose the thing is. "Whose it is" is the person it is about.
What a visitor may, everybody may. An owner is an organizer as well, an organizer a member, an administrator an editor.
What is in no row is refused; what one may not do to a thing answers as if there were no such thing (404).
"Never" holds whatever else somebody is.
"""


class Command(BaseCommand):
    """Reads no database."""

    help = "Print the table of permissions."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it in English."""
        with translation.override("en"):
            self.stdout.write(roles_document(), ending="")


def roles_document() -> str:
    """Return the table as Markdown, in the language that is active."""
    heads = [str(role.label) for role in Role]
    lines = [
        _ABOUT,
        f"| to | in which state | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(heads)}",
        *(_row(rule) for rule in TABLE),
    ]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    states = ", ".join(sorted(rule.states)) or "any"
    cells = ["never" if role in rule.never else "yes" if _reaches(rule, role) else "" for role in Role]
    return f"| {rule.doing} | {states} | {' | '.join(cells)} |"


def _reaches(rule: Rule, role: Role) -> bool:
    everyone = {role, *IMPLIED.get(role, ()), Role.VISITOR}
    return bool(rule.roles & (everyone if role is Role.VISITOR else everyone | {Role.MEMBER}))
