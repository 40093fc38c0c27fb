"""Changing one's own password while signed in (PLT-41, SAAS.md A1)."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenants.identity import mail_requests, throttle
from tenants.identity.backends import LONGEST_PASSWORD
from tenants.identity.clients import client_address
from tenants.identity.models import IdentityMail, User
from tenants.identity.sessions import revoke_user


class PasswordRefused(ValueError):
    """The password stays as it was. `code`, HTTP `status` and, for a field's problem, `field`."""

    def __init__(self, code: str, message: str, *, field: str | None = None, status: int = 422) -> None:
        super().__init__(message)
        self.code, self.message, self.field, self.status = code, message, field, status


def change_password(request: HttpRequest, user: User, current: str, new: str) -> int:
    """Give ``user`` the password ``new``, keep this session, end all others, and tell the owner by mail.

    Guesses at ``current`` count like failed sign-ins. Returns how many other sessions ended.
    Raises PasswordRefused `password.wrong`, `password.weak` or `password.too_many_tries`; the caller must not roll
    back the count of failures.
    """
    address = client_address(request)
    if throttle.blocked_for(user.email, address):
        message = _("Too many tries. Please wait a little and try again.")
        raise PasswordRefused("password.too_many_tries", message, status=429)
    if len(current) > LONGEST_PASSWORD or "\0" in current or not user.check_password(current):
        throttle.record_failure(user.email, address)
        raise PasswordRefused("password.wrong", _("This is not your current password."), field="current")
    if len(new) > LONGEST_PASSWORD or "\0" in new:
        raise PasswordRefused("password.weak", _("This password cannot be used."), field="new")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise PasswordRefused("password.weak", " ".join(error.messages), field="new") from error
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password", "password_changed_at"])
        auth.update_session_auth_hash(request, user)  # a new cookie for this browser
        ended = revoke_user(user, except_key=request.session.session_key)
        throttle.clear_account(user.email)
        mail_requests.request(
            IdentityMail.Kind.PASSWORD_CHANGED, user.email, user.language or get_language() or "en"
        )
    return ended
