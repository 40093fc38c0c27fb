"""A legal text as a PDF to file away: with its version, and who accepted it for which workspace and when (ASP-40.5)."""

from __future__ import annotations

from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import typst
from babel.dates import format_date
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from onboarding.legal import Document
from onboarding.models import LegalAcceptance
from tenants.countries import SITE_LANGUAGES
from tenants.models import Tenant

_SOURCE = Path(__file__).with_name("legal_document.typ")
_BLOCKS = ("h2", "p", "li")


class _Blocks(HTMLParser):
    """Headings, paragraphs and list items of our own templates, in order; everything else is only text within them."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[dict[str, str]] = []
        self._kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._kind = tag
            self.blocks.append({"kind": tag, "text": ""})

    def handle_endtag(self, tag: str) -> None:
        if tag == self._kind:
            self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            self.blocks[-1]["text"] += data


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _SOURCE.read_bytes()


def document_pdf(document: Document, version: str, tenant: Tenant, accepted: LegalAcceptance | None) -> bytes:
    """A4 pages in the active language, where the texts exist in it. Raises KeyError for a version that never was."""
    language = (translation.get_language() or "en")[:2]
    language = language if language in SITE_LANGUAGES else "en"
    with translation.override(language):
        values = {"product_name": settings.PRODUCT_NAME, "support_email": settings.SUPPORT_EMAIL}
        reader = _Blocks()
        reader.feed(render_to_string(document.template(version, language), values))
        content: dict[str, Any] = {
            "language": language,
            "title": str(document.title),
            "version": _("Version of %(version)s") % {"version": version},
            "facts": _facts(tenant, accepted, language),
            "blocks": reader.blocks,
            "footer": f"{settings.PRODUCT_NAME} · {document.title} · {version}",
        }
    return bytes(typst.compile(_template(), sys_inputs={"content": orjson.dumps(content).decode()}))


def _facts(tenant: Tenant, accepted: LegalAcceptance | None, language: str) -> list[list[str]]:
    seller = settings.KONTOR_SELLER
    place = " ".join(part for part in (seller["postal_code"], seller["city"]) if part)
    provider = ", ".join(part for part in (seller["name"], seller["street"], place) if part)
    found = [[_("Provider"), provider or settings.PRODUCT_NAME], [_("Customer"), tenant.name]]
    if accepted is None:
        return [*found, [_("Accepted"), _("not yet")]]
    day = format_date(accepted.accepted_at, "long", locale=language)
    return [*found, [_("Accepted"), _("%(day)s by %(email)s") % {"day": day, "email": accepted.email}]]
