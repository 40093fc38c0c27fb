"""Reads the mailbox folder for its page."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import nh3
from django.conf import settings

from onboarding.mailbox.backend import MESSAGE_NAME

MOST_SHOWN = 200
LARGEST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One stored mail. `html` is sanitised; `name` identifies it on the page."""

    name: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


def recent(limit: int = MOST_SHOWN) -> list[Message]:
    """The newest messages first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    names = sorted(
        (path.stem for path in folder.glob("*.eml") if MESSAGE_NAME.fullmatch(path.stem)), reverse=True
    )
    return [message for name in names[:limit] if (message := read(name)) is not None]


def read(name: str) -> Message | None:
    """The message called `name`, or None when there is none or the name is not one of ours."""
    if not MESSAGE_NAME.fullmatch(name):
        return None
    path = Path(settings.EMAIL_FILE_PATH) / f"{name}.eml"
    if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        return None
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Message(
        name=name,
        at=datetime.fromtimestamp(int(name.partition("-")[0]) / 1000, tz=UTC),
        sender=str(parsed["From"] or ""),
        to=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or ""),
        text=_part(parsed, "plain"),
        html=_sanitised(_part(parsed, "html")),
    )


def _sanitised(html: str) -> str:
    """What may be shown of an HTML mail: structure and inline looks, no script, form, frame or picture."""
    attributes = {tag: {*names, "style"} for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    for tag in ("p", "div", "span", "a", "td", "th", "table", "ul", "li", "b"):
        attributes.setdefault(tag, set()).add("style")
    return nh3.clean(
        html,
        tags=nh3.ALLOWED_TAGS - {"img", "map", "area"},
        attributes=attributes,
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "title"},
    )


def _part(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
