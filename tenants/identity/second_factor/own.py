"""Turning one's own second factor on and off while signed in, and taking it from somebody who lost it (PLT-41, A5).

Guesses are counted, so whoever calls these must not roll the count back when they raise FactorRefused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenants.identity import mail_requests, throttle
from tenants.identity.backends import LONGEST_PASSWORD
from tenants.identity.clients import client_address
from tenants.identity.models import IdentityMail, User
from tenants.identity.second_factor import codes, rules
from tenants.identity.sessions import revoke_user

Kind = IdentityMail.Kind
Proof = TypeVar("Proof")


class FactorRefused(ValueError):
    """Nothing changed. `code`, HTTP `status`, `field` and, for 429, `retry_after` in seconds."""

    def __init__(
        self, code: str, message: str, *, field: str | None = None, status: int = 422, retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field
        self.status, self.retry_after = status, retry_after


def begin(request: HttpRequest, user: User, password: str) -> dict[str, str]:
    """A new secret for the app, after the password: `secret`, `address` and `picture`, the QR code as data address.

    Raises FactorRefused `second_factor.on`, `password.wrong`, `password.too_many_tries`.
    """
    _require_password(request, user, password)
    try:
        secret = codes.begin(user)
    except codes.AlreadyOn:
        raise _already_on() from None
    return {
        "secret": codes.grouped(secret),
        "address": codes.address(user, secret),
        "picture": codes.picture(user, secret),
    }


def turn_on(request: HttpRequest, user: User, code: str) -> tuple[list[str], int]:
    """Prove the app by a first code; this session stays, all others end. Returns recovery codes and how many ended.

    Raises FactorRefused `second_factor.on`, `second_factor.wrong_code`, `second_factor.too_many_tries`.
    """
    if user.has_second_factor:
        raise _already_on()
    with transaction.atomic():
        found = proven(request, user, lambda: codes.confirm(user, code))
        ended = revoke_user(user, except_key=request.session.session_key)
        tell(Kind.FACTOR_ON, user)
    rules.changed.send(User, user=user, what=rules.ON, address=client_address(request))
    return found, ended


def renew_codes(request: HttpRequest, user: User, code: str) -> list[str]:
    """Ten new recovery codes for a code of the app; the old ones stop working.

    Raises FactorRefused `second_factor.wrong_code`, `second_factor.too_many_tries`.
    """
    proven(request, user, lambda: codes.verify(user, code))
    found = codes.renew_recovery_codes(user)
    tell(Kind.RECOVERY_RENEWED, user)
    rules.changed.send(User, user=user, what=rules.RENEWED, address=client_address(request))
    return found


def turn_off(request: HttpRequest, user: User, password: str, code: str) -> None:
    """Sign in by password alone again, for password and a code, of the app or on paper.

    Raises FactorRefused 409 `second_factor.required` where the workspace asks for one, and as above.
    """
    if rules.needs(user):
        message = _("This workspace asks a second factor of you. You can set up another app, not go without.")
        raise FactorRefused("second_factor.required", message, status=409)
    _require_password(request, user, password)
    proven(request, user, lambda: codes.verify(user, code))
    codes.forget(user)
    tell(Kind.FACTOR_OFF, user)
    rules.changed.send(User, user=user, what=rules.OFF, address=client_address(request))


def reset(user: User, *, by: str, reason: str) -> int:
    """After a lost phone: app and codes are forgotten, all sessions end, the owner gets a mail. The caller audits.

    Returns how many sessions ended.
    """
    with transaction.atomic():
        codes.forget(user)
        throttle.clear_codes(user.pk)
        ended = revoke_user(user)
        tell(Kind.FACTOR_RESET, user, by=by, reason=reason)
    return ended


def proven(request: HttpRequest, user: User, check: Callable[[], Proof | None]) -> Proof:
    """What `check()`, which looks at a code, gives; wrong ones are counted and written down.

    Raises FactorRefused `second_factor.wrong_code`, `second_factor.too_many_tries`.
    """
    address = client_address(request)
    tried = throttle.take_code_try(user.pk, address)
    if tried.wait:
        message = _("Too many wrong codes. Wait a little and try again.")
        seconds = math.ceil(tried.wait.total_seconds())
        raise FactorRefused(
            "second_factor.too_many_tries", message, field="code", status=429, retry_after=seconds
        )
    found = check()
    if found is None:
        throttle.record_code_failure(address)
        rules.changed.send(User, user=user, what=rules.REFUSED, address=address)
        if tried.is_last:
            tell(Kind.CODES_LOCKED, user)
            rules.changed.send(User, user=user, what=rules.LOCKED, address=address)
        message = _("That code did not work. Each code works once; wait for the next one and try again.")
        raise FactorRefused("second_factor.wrong_code", message, field="code")
    throttle.clear_codes(user.pk)
    if found == "recovery":
        tell(Kind.RECOVERY_USED, user, left=str(codes.recovery_codes_left(user)))
        rules.changed.send(User, user=user, what=rules.RECOVERY_USED, address=address)
    return found


def tell(kind: IdentityMail.Kind, user: User, **facts: str) -> None:
    """Mail to the person whose second factor it is."""
    mail_requests.request(kind, user.email, user.language or get_language() or "en", facts or None)


def _require_password(request: HttpRequest, user: User, password: str) -> None:
    """Guesses count like failed sign-ins. Who never had a password has nothing to give."""
    if not user.has_usable_password():
        return
    address = client_address(request)
    wait = throttle.blocked_for(user.email, address)
    if wait:
        message = _("Too many tries. Please wait a little and try again.")
        seconds = math.ceil(wait.total_seconds())
        raise FactorRefused("password.too_many_tries", message, status=429, retry_after=seconds)
    if len(password) > LONGEST_PASSWORD or "\0" in password or not user.check_password(password):
        throttle.record_failure(user.email, address)
        raise FactorRefused("password.wrong", _("This is not your current password."), field="password")


def _already_on() -> FactorRefused:
    message = _("Your second factor is on already. Turn it off first to use another app.")
    return FactorRefused("second_factor.on", message, status=409)


def state(user: User) -> dict[str, Any]:
    """`{on, since, recovery_codes_left, required}` of one's own second factor."""
    row = codes.confirmed(user)
    return {
        "on": row is not None,
        "since": row.confirmed_at if row else None,
        "recovery_codes_left": len(row.recovery_hashes) if row else 0,
        "required": rules.needs(user),
    }
