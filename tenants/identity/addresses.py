"""One spelling per e-mail address."""

from __future__ import annotations

import unicodedata


def normalize_email(value: str) -> str:
    """The spelling under which an address is stored and looked up: NFKC, trimmed, lower case.

    Plus-addresses are kept: they are different mailboxes to their owners.
    """
    return unicodedata.normalize("NFKC", value).strip().lower()
