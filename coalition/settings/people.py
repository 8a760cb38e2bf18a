"""People: how one signs in, for how long, and what is held back. ``base`` takes all of this in."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HOUR = 3600
_PUBLIC_URL = os.environ.get("COALITION_PUBLIC_URL", "http://127.0.0.1:8000")

PEOPLE_APPS = ["allauth", "allauth.account", "allauth.mfa"]

# --- the door -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "you"
LOGOUT_REDIRECT_URL = "/"

# Wagtail's admin has no door of its own: one signs in here, and passwords are changed here.
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_FRONTEND_LOGIN_URL = "/account/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False

# The common passwords that Django brings are the list of breached ones that needs no network.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "coalition.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# There is no ticking of "remember me": everybody's session ends by the limits below.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "coalition.accounts.entry_forms.LoginForm",
    "signup": "coalition.accounts.entry_forms.SignupForm",
    "add_email": "coalition.accounts.entry_forms.ChangeEmailForm",
    "change_password": "coalition.accounts.entry_forms.ChangePasswordForm",
    "set_password": "coalition.accounts.entry_forms.SetPasswordForm",
    "reset_password": "coalition.accounts.entry_forms.ResetPasswordForm",
    "reset_password_from_key": "coalition.accounts.entry_forms.ResetPasswordKeyForm",
    "reauthenticate": "coalition.accounts.entry_forms.ReauthenticateForm",
    "request_login_code": "coalition.accounts.entry_forms.RequestLoginCodeForm",
    "confirm_login_code": "coalition.accounts.entry_forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "coalition.accounts.entry_forms.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "coalition.accounts.entry_forms.ConfirmPasswordResetCodeForm",
}

# --- the second lock ----------------------------------------------------------------------------------------------

MFA_ADAPTER = "coalition.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Over plain http a browser has passkeys on localhost alone, and the library would refuse even those.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _PUBLIC_URL.startswith("https:")
# Clocks of phones differ a little.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "coalition.accounts.mfa_forms.AuthenticateForm",
    "reauthenticate": "coalition.accounts.mfa_forms.ReauthenticateForm",
    "activate_totp": "coalition.accounts.mfa_forms.ActivateTOTPForm",
    "add_webauthn": "coalition.accounts.mfa_forms.AddWebAuthnForm",
    "edit_webauthn": "coalition.accounts.mfa_forms.EditWebAuthnForm",
}

# --- limits -------------------------------------------------------------------------------------------------------

# "ip" is what the adapter says it is: a keyed hash of a coarse network, which a whole union hall may share.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/h/key",
    "request_login_code": "20/m/ip,3/m/key",
}
# How many web servers stand before this one and add to X-Forwarded-For. Without that header it changes nothing.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("COALITION_PROXIES") or _PUBLIC_URL.startswith("https:"))

# --- sessions -----------------------------------------------------------------------------------------------------

SESSION_ENGINE = "coalition.accounts.sessions"
# A session that nobody used for so long ends, and none lasts longer than the other; in seconds.
SESSION_IDLE = SESSION_COOKIE_AGE = int(os.environ.get("COALITION_SESSION_IDLE_HOURS") or 7 * 24) * _HOUR
SESSION_ABSOLUTE = int(os.environ.get("COALITION_SESSION_HOURS") or 30 * 24) * _HOUR

# --- another organization's door ----------------------------------------------------------------------------------

OIDC_URL = os.environ.get("COALITION_OIDC_URL", "")


def _oidc_secret() -> str:
    """Read the secret from the file that is named, else from the environment."""
    if path := os.environ.get("COALITION_OIDC_SECRET_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("COALITION_OIDC_SECRET", "")


# Where forms may lead: the browser counts the provider's page, to which ours sends on, as one.
FORM_TARGETS: list[str] = []
if OIDC_URL:
    PEOPLE_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    FORM_TARGETS = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL))]
    SOCIALACCOUNT_ADAPTER = "coalition.accounts.oidc.OidcAdapter"
    SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": os.environ.get("COALITION_OIDC_NAME") or urlsplit(OIDC_URL).hostname,
                    "client_id": os.environ.get("COALITION_OIDC_CLIENT_ID", ""),
                    "secret": _oidc_secret(),
                    "settings": {"server_url": OIDC_URL},
                }
            ],
        }
    }
