"""Proof of work for sign-up: costs a person's browser half a second and a flood of programs their machines (SAAS.md §4.2).

Ours alone: no third party is asked and nothing is kept about anybody. The form carries a signed challenge; the browser
finds a number whose SHA-256 with it begins with so many zero bits. It is asked for where many sign up from one network
or everywhere at once (`auto`), so that a visitor without script is only turned away while that lasts.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing

from onboarding.services import rates

#: About half a second of a usual browser; each further bit doubles it.
BITS = 17
LIFETIME = timedelta(hours=12)
LONGEST_ANSWER = 20
#: Sign-ups from which on `auto` asks: from one network within an hour, and from everywhere within ten minutes.
NETWORK_QUIET = 10
ALL_QUIET = 30
_SALT = "onboarding.proof"
_ONCE = rates.Rate("proof-once", 1, LIFETIME)


class ProofRefused(ValueError):
    """The proof cannot be taken: ``code`` is ``proof.required``, ``proof.wrong`` or ``proof.used``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Challenge:
    """What the form carries: the text to find a number for, and how many zero bits it takes."""

    text: str
    bits: int


def new_challenge() -> Challenge:
    """A fresh one for a form that is shown now."""
    return Challenge(signing.dumps([secrets.token_hex(8), BITS], salt=_SALT), BITS)


def is_wanted(network: str, now: datetime | None = None) -> bool:
    """Whether a sign-up from ``network`` has to bring a proof now (`KONTOR_SIGNUP_PROOF`)."""
    mode = settings.KONTOR_SIGNUP_PROOF
    if mode in ("always", "never"):
        return bool(mode == "always")
    return (
        rates.counted(rates.SIGN_UPS_PER_NETWORK, network, now) >= NETWORK_QUIET
        or rates.counted(rates.SIGN_UPS_IN_ALL, "", now) >= ALL_QUIET
    )


def check(challenge: str, answer: str, now: datetime | None = None) -> None:
    """Raise ProofRefused unless ``answer`` solves a challenge of ours that is not too old and was not used before."""
    if not challenge or not answer:
        raise ProofRefused("proof.required")
    try:
        _salt, bits = signing.loads(challenge, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        raise ProofRefused("proof.wrong") from None
    if len(answer) > LONGEST_ANSWER or not (answer.isascii() and answer.isdigit()):
        raise ProofRefused("proof.wrong")
    if not solves(challenge, answer, bits):
        raise ProofRefused("proof.wrong")
    if not rates.allow(_ONCE, challenge, now):
        raise ProofRefused("proof.used")


def solves(challenge: str, answer: str, bits: int) -> bool:
    """Whether SHA-256 of ``challenge:answer`` begins with ``bits`` zero bits."""
    digest = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def solve(challenge: Challenge) -> str:
    """The answer, found the way a browser does; for programs that sign up, and for tests."""
    number = 0
    while not solves(challenge.text, str(number), challenge.bits):
        number += 1
    return str(number)
