"""Text that spreadsheet programs would run: made harmless on the way out, put back on the way in."""

from __future__ import annotations

import re

# Blanks and control characters before the sign do not stop a spreadsheet from taking text for a formula.
_FORMULA = re.compile(r"^[\s\x00-\x1f\x7f]*[=+\-@＝＋－＠]|^[\t\r\n]")


def safe_text(text: str) -> str:
    """Text that no spreadsheet program runs as a formula: a dangerous start gets an apostrophe before it.

    Text that already begins with such an apostrophe gets another, so that `plain_text` gives back exactly what was.
    """
    dangerous = _FORMULA.match(text) or (text[:1] == "'" and _FORMULA.match(text.lstrip("'")))
    return f"'{text}" if dangerous else text


def plain_text(text: str) -> str:
    """The inverse of `safe_text`, for files that come back."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text.lstrip("'")) else text
