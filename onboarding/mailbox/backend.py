"""The mail server's stand-in: messages become files that the mailbox page shows (ARCHITECTURE.md §3)."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MailboxBackend(BaseEmailBackend):
    """Writes `<milliseconds>-<random>.eml` below `EMAIL_FILE_PATH`, readable for its owner only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages. Raises OSError when the disk refuses, unless `fail_silently`."""
        folder = Path(settings.EMAIL_FILE_PATH)
        written = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _write(folder, message.message().as_bytes())
            except OSError:
                if not self.fail_silently:
                    raise
                continue
            written += 1
        return written


def _write(folder: Path, content: bytes) -> None:
    name = f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(6)}"
    # Written aside and renamed: the page never shows half a message.
    partial = folder / f".{name}"
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    partial.rename(folder / f"{name}.eml")


MESSAGE_NAME = re.compile(r"[0-9]{13,16}-[0-9a-f]{12}")
