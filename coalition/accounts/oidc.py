"""Sign-in through another organization's door (OpenID Connect), where a setting names one."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.http import HttpRequest
from django.utils.translation import get_language

from coalition.accounts.models import User
from coalition.accounts.own_data import exports


class OidcAdapter(DefaultSocialAccountAdapter):
    """Makes a user of what the other door says."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take over address and name; the name can be changed here."""
        user: User = super().populate_user(request, sociallogin, data)
        name = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        user.display_name = name[: User._meta.get_field("display_name").max_length]
        user.language = (get_language() or user.language)[:2]
        return user


@exports("sign_in_elsewhere")
def _sign_in_elsewhere(user: User) -> list[dict[str, Any]]:
    return list(SocialAccount.objects.filter(user=user).values("provider", "uid", "date_joined", "extra_data"))
