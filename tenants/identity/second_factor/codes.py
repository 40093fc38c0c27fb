"""Authenticator codes and recovery codes of a login of the active schema: operators' and people's alike (A5)."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants import sealing
from tenants.context import current_tenant, in_public
from tenants.identity.models import SecondFactor, User

STEP_SECONDS = 30
# One step either way: a phone's clock may be half a minute off.
TOLERATED_STEPS = 1
RECOVERY_CODES = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_TOTP_CODE = re.compile(r"\d{6}")


class AlreadyOn(ValueError):
    """This login has a confirmed authenticator; its secret is never shown again."""


def begin(user: User) -> str:
    """A new secret to put into the app. It counts for nothing before :func:`confirm`.

    Raises AlreadyOn.
    """
    with transaction.atomic():
        if _locked_user(user).has_second_factor:
            raise AlreadyOn
        secret = pyotp.random_base32()
        SecondFactor.objects.update_or_create(
            user_id=user.pk,
            defaults={
                "secret": sealing.seal(secret),
                "confirmed_at": None,
                "last_step": 0,
                "recovery_hashes": [],
            },
        )
        return secret


def begun(user: User) -> str | None:
    """The secret :func:`begin` gave, while it is not confirmed."""
    row = SecondFactor.objects.filter(user_id=user.pk, confirmed_at=None).first()
    return sealing.unseal(row.secret) if row else None


def address(user: User, secret: str) -> str:
    """The ``otpauth://`` address behind the QR code; it names the workspace, so that apps tell them apart."""
    place = (
        settings.PRODUCT_NAME if in_public() else f"{settings.PRODUCT_NAME} {current_tenant().name}".strip()
    )
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=place.replace(":", " "))


def picture(user: User, secret: str) -> str:
    """The QR code as a ``data:`` address of an SVG."""
    return str(segno.make(address(user, secret), error="m").svg_data_uri(scale=4, border=2, light="white"))


def grouped(secret: str) -> str:
    """The secret as people type it: in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def confirm(user: User, code: str) -> list[str] | None:
    """Finish the set-up with a first code. Returns the recovery codes, shown this once; None for a wrong code."""
    with transaction.atomic():
        row = _locked(user)
        if row is None or row.confirmed_at or not _accept_totp(row, code):
            return None
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at"])
        User.objects.filter(pk=user.pk).update(has_second_factor=True)
        user.has_second_factor = True
        return renew_recovery_codes(user)


def verify(user: User, code: str) -> str | None:
    """``totp`` or ``recovery`` when ``code`` is right and unused, else None. A right code is used up."""
    with transaction.atomic():
        row = _locked(user)
        if row is None or not row.confirmed_at:
            return None
        if _accept_totp(row, code):
            return "totp"
        used = _hash(code)
        if used not in row.recovery_hashes:
            return None
        row.recovery_hashes = [kept for kept in row.recovery_hashes if kept != used]
        row.save(update_fields=["recovery_hashes"])
        return "recovery"


def _locked_user(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _locked(user: User) -> SecondFactor | None:
    """The row, for nobody else until the transaction ends: of two who show the same code one wins."""
    return SecondFactor.objects.select_for_update().filter(user_id=user.pk).first()


def _accept_totp(row: SecondFactor, code: str) -> bool:
    """Check against the steps around now, later than the last one accepted; remember the step."""
    text = code.strip().replace(" ", "")
    if not text.isascii() or not _TOTP_CODE.fullmatch(text):
        return False
    try:
        totp = pyotp.TOTP(sealing.unseal(row.secret))
    except sealing.CannotOpen:
        # A package of another installation was imported here: recovery codes and a reset still help.
        return False
    now = int(time.time()) // STEP_SECONDS
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        if step > row.last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS), text):
            row.last_step = step
            row.save(update_fields=["last_step"])
            return True
    return False


def renew_recovery_codes(user: User) -> list[str]:
    """Ten new codes, 60 bits each; the old ones stop working."""
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]
    SecondFactor.objects.filter(user_id=user.pk).update(recovery_hashes=[_hash(code) for code in codes])
    return codes


def _hash(code: str) -> str:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def confirmed(user: User) -> SecondFactor | None:
    """The second factor that counts, or None."""
    return SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_at=None).first()


def recovery_codes_left(user: User) -> int:
    """How many codes on paper still work."""
    row = confirmed(user)
    return len(row.recovery_hashes) if row else 0


def forget(user: User) -> None:
    """Forget app and codes. The caller tells and audits, and ends the sessions where it must."""
    with transaction.atomic():
        SecondFactor.objects.filter(user_id=user.pk).delete()
        User.objects.filter(pk=user.pk).update(has_second_factor=False)
        user.has_second_factor = False
