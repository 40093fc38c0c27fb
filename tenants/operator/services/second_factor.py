"""Authenticator codes and recovery codes of operators (ASP-1: MFA is compulsory; SAAS.md A5)."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants import sealing
from tenants.operator.models import Operator, RecoveryCode

STEP_SECONDS = 30
# One step either way: a phone's clock may be half a minute off.
TOLERATED_STEPS = 1
RECOVERY_CODES = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_TOTP_CODE = re.compile(r"\d{6}")


def is_enrolled(operator: Operator) -> bool:
    """Whether an authenticator app has been set up and proven."""
    return bool(operator.totp_secret and operator.totp_confirmed_at)


def enrolment_secret(operator: Operator) -> str:
    """The secret to put into the app; made on the first call, the same until it is confirmed.

    Raises ValueError for an operator who has confirmed one: it is never shown again.
    """
    with transaction.atomic():
        row = Operator.objects.select_for_update().get(pk=operator.pk)
        if is_enrolled(row):
            raise ValueError("The authenticator of this operator is set up already.")
        if row.totp_secret:
            return sealing.unseal(row.totp_secret)
        secret = pyotp.random_base32()
        row.totp_secret = sealing.seal(secret)
        row.save(update_fields=["totp_secret"])
        return secret


def provisioning_uri(operator: Operator, secret: str) -> str:
    """The ``otpauth://`` address behind the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=operator.email, issuer_name=settings.PRODUCT_NAME)


def confirm(operator: Operator, code: str) -> list[str] | None:
    """Finish the set-up with a first code. Returns the recovery codes, shown this once; None for a wrong code."""
    with transaction.atomic():
        row = Operator.objects.select_for_update().get(pk=operator.pk)
        if is_enrolled(row) or not _accept_totp(row, code):
            return None
        row.totp_confirmed_at = timezone.now()
        row.save(update_fields=["totp_confirmed_at"])
        return renew_recovery_codes(row)


def verify(operator: Operator, code: str) -> str | None:
    """``totp`` or ``recovery`` when ``code`` is right and unused, else None. A right code is used up."""
    text = code.strip().replace(" ", "").lower()
    with transaction.atomic():
        row = Operator.objects.select_for_update().get(pk=operator.pk)
        if not is_enrolled(row):
            return None
        if _accept_totp(row, text):
            return "totp"
        used = RecoveryCode.objects.filter(operator=row, code_hash=_hash(text), used_at=None).update(
            used_at=timezone.now()
        )
        return "recovery" if used else None


def _accept_totp(row: Operator, code: str) -> bool:
    """Check against the steps around now, later than the last one accepted; remember the step."""
    text = code.strip().replace(" ", "")
    if not row.totp_secret or not _TOTP_CODE.fullmatch(text) or not text.isascii():
        return False
    totp = pyotp.TOTP(sealing.unseal(row.totp_secret))
    now = int(time.time()) // STEP_SECONDS
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        if step > row.totp_last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS), text):
            row.totp_last_step = step
            row.save(update_fields=["totp_last_step"])
            return True
    return False


def renew_recovery_codes(operator: Operator) -> list[str]:
    """Ten new codes, 60 bits each; the old ones stop working."""
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        RecoveryCode.objects.filter(operator=operator).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(operator=operator, code_hash=_hash(code)) for code in codes
        )
    return codes


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().lower().replace("-", "").encode()).hexdigest()


def unused_recovery_codes(operator: Operator) -> int:
    """How many codes on paper still work."""
    return RecoveryCode.objects.filter(operator=operator, used_at=None).count()


def reset(operator: Operator) -> None:
    """Forget app and codes: the next sign-in sets up a new one. The caller audits and ends the sessions."""
    with transaction.atomic():
        RecoveryCode.objects.filter(operator=operator).delete()
        Operator.objects.filter(pk=operator.pk).update(
            totp_secret="", totp_confirmed_at=None, totp_last_step=0
        )
