"""Rules of notes (CUS-6)."""

from __future__ import annotations

import html
import re

from django.utils.translation import gettext as _

from crm_core.metadata.errors import Forbidden, Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change
from crm_core.records.files import describe_files

_TAG = re.compile(r"<[^>]+>")
TITLE_LENGTH = 80


def first_line(body: str) -> str:
    """The first line of rich text as plain text, at most 80 characters."""
    text = html.unescape(_TAG.sub("\n", body)).replace("\xa0", " ")
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


@rule(on=("create", "update"), attributes=("title", "body", "attachment"))
def note_has_content(change: Change) -> None:
    """A note says something or carries a file."""
    if not (change.get("title") or change.get("body") or change.get("attachment")):
        raise Invalid("note.empty", _("A note needs a title, a text or a file."), field="body")


@rule(on=("create", "update"), attributes=("title", "body"))
def note_title_from_body(change: Change) -> None:
    """Without a title the first line of the text is the title, else the name of the file."""
    if change.get("title"):
        return
    title = first_line(change.get("body") or "")
    if not title and (attachment := change.get("attachment")) is not None:
        title = describe_files({str(attachment.id)}).get(str(attachment.id), {}).get("name", "")
    change.set("title", title or _("Note"))


@rule(on=("update", "delete"))
def note_is_ones_own(change: Change) -> None:
    """People change their own notes; others' only with the right to. Cascades and assignments are no edits."""
    if (
        change.actor.source == "rule"
        or change.options.get("cascaded")
        or change.actor.can("edit_others_notes")
    ):
        return
    if set(change.changed_names) and set(change.changed_names) <= {"owner"}:
        return
    if change.record.created_by_id != change.actor.user_id:
        raise Forbidden(
            "note.not_own",
            _("You may only change your own notes."),
            details={"privilege": "edit_others_notes"},
        )
