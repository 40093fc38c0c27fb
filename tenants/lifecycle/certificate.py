"""The proof that a workspace was destroyed: signed, for operators to read and for its owner as a PDF (ASP-40.5)."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.models import Deletion

_SOURCE = Path(__file__).with_name("certificate.typ")

#: What a certificate counts and looks for, in words; a package's eraser nobody named here is told by its own name.
NAMES = {
    "rows": gettext_lazy("Rows in the database"),
    "tables": gettext_lazy("Tables"),
    "files": gettext_lazy("Files"),
    "backups": gettext_lazy("Backups"),
    "sandboxes": gettext_lazy("Sandboxes"),
    "cache_keys": gettext_lazy("Entries in the cache"),
    "mail_choices": gettext_lazy("Choices about mails"),
    "sign_up_rows": gettext_lazy("Sign-ups"),
    "custom_domains": gettext_lazy("Own domains"),
    "schema_absent": gettext_lazy("Database schema"),
    "file_folder_absent": gettext_lazy("Folder of files"),
    "backup_folder_absent": gettext_lazy("Folder of backups"),
    "billing_contacts": gettext_lazy("Ways to reach and to charge people"),
    "support_consents": gettext_lazy("Consents to support access"),
    "invoices, as the law demands": gettext_lazy("Invoices, as the law demands"),
    "invoices, contract and tax records, as the law demands": gettext_lazy(
        "Invoices, contract and tax records, as the law demands"
    ),
    "this certificate": gettext_lazy("This certificate"),
    "the operators' audit": gettext_lazy("The operators' audit"),
}

#: Before the name of a copy that is left, among what is kept.
COPY = "copy: "


def sign(certificate: dict[str, Any]) -> str:
    """HMAC-SHA-256 of the certificate with the installation's key, as 64 hex digits."""
    return _mac(settings.SECRET_KEY, certificate)


def _mac(key: str, certificate: dict[str, Any]) -> str:
    text = json.dumps(certificate, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(b"kontor.certificate:" + key.encode(), text, hashlib.sha256).hexdigest()


def is_genuine(deletion: Deletion) -> bool:
    """Whether the certificate is one this installation signed, with its key of now or a former one (F16)."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(_mac(key, deletion.certificate), deletion.signature) for key in keys)


def facts(certificate: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of whose workspace it was and who decided, in the active language; times in UTC."""
    return [
        (_("Workspace"), certificate["name"]),
        (_("Id"), certificate["workspace"]),
        (_("Addresses"), ", ".join(certificate["addresses"])),
        (_("Reason"), certificate["reason"]),
        (_("Asked for by"), certificate["requested_by"]),
        (_("Approved by"), certificate["approved_by"]),
        (_("Scheduled"), _moment(certificate["scheduled_at"])),
        (_("Destroyed"), _moment(certificate["destroyed_at"])),
    ]


def sections(certificate: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, rows of (what, how many or how)) of what was counted, removed, looked for and kept."""
    absent, found = _("absent"), _("found")
    return [
        (_("What was there"), _counted(certificate["before"])),
        (_("What was removed beside the database schema"), _counted(certificate["removed"])),
        (
            _("Looked for afterwards"),
            [(_name(name), absent if gone else found) for name, gone in certificate["proof"].items()],
        ),
        (_("What is kept"), [(_name(text), "") for text in certificate["kept"]]),
    ]


def pdf(deletion: Deletion) -> bytes:
    """One A4 page in the active language, with the signature that proves it was not changed."""
    language = (translation.get_language() or "en")[:2]
    content = {
        "language": language,
        "title": _("Certificate of deletion"),
        "number": str(deletion.pk),
        "facts": facts(deletion.certificate),
        "sections": sections(deletion.certificate),
        "signature_label": _("Signature (HMAC-SHA-256)"),
        "signature": deletion.signature,
        "footer": f"{settings.PRODUCT_NAME} · {settings.SUPPORT_EMAIL}",
    }
    return bytes(typst.compile(_template(), sys_inputs={"content": json.dumps(content)}))


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _SOURCE.read_bytes()


def _name(key: str) -> str:
    if key.startswith(COPY):
        return _("The copy %(name)s, a workspace of its own") % {"name": key.removeprefix(COPY)}
    return str(NAMES.get(key, key.replace("_", " ")))


def _counted(values: dict[str, int]) -> list[tuple[str, str]]:
    return [(_name(name), str(value)) for name, value in values.items()]


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"
