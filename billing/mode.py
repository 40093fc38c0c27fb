"""Test mode never runs with keys that move money (ARCHITECTURE.md §7)."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LIVE_PREFIXES = ("sk_live_", "rk_live_")
TEST_PREFIXES = ("sk_test_", "rk_test_")


def is_test() -> bool:
    """Whether no money moves."""
    return bool(settings.KONTOR_BILLING_MODE == "test")


def refuse_test_mode_with_live_keys() -> None:
    """Stop the start when mode and keys contradict each other. Raises ImproperlyConfigured."""
    mode, key = settings.KONTOR_BILLING_MODE, settings.STRIPE_SECRET_KEY
    if mode not in ("test", "live"):
        raise ImproperlyConfigured("KONTOR_BILLING_MODE is test or live.")
    if mode == "test" and key.startswith(LIVE_PREFIXES):
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY moves real money, but KONTOR_BILLING_MODE is test. Set it to live, or use a test key."
        )
    if mode == "live" and key.startswith(TEST_PREFIXES):
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY is a test key, but KONTOR_BILLING_MODE is live: nobody would be charged."
        )
