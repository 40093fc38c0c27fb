"""Which names a workspace may have (ASP-1, ASP-10.3, SAAS.md §4.2)."""

from __future__ import annotations

import re
import unicodedata

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import Domain, Provisioning
from tenants.reserved_names import BRANDS, RESERVED

SHORTEST, LONGEST = 3, 30
TOMBSTONE_DAYS = 90
_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Digits that stand for letters when somebody imitates a name: g00gle, paypa1.
_LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"})
_OPEN_STATES = ("pending", "running", "failed")


def normalize(raw: str) -> str:
    """The spelling a name is judged and stored by: NFKC, trimmed, lower case."""
    return unicodedata.normalize("NFKC", raw).strip().lower()


def check_form(raw: str) -> str:
    """The normalised name. Raises 422 ``tenant.name_invalid`` unless it is 3–30 of a–z, 0–9 and single
    hyphens inside, and not only digits.

    Letters of other scripts that look like Latin ones are refused, not mapped: nobody should believe to
    own a name that is spelt otherwise.
    """
    slug = normalize(raw)
    if not SHORTEST <= len(slug) <= LONGEST:
        raise _refusal("tenant.name_invalid", _("Use 3 to 30 characters."))
    if not slug.isascii() or not _PATTERN.fullmatch(slug):
        message = _("Use the letters a–z, digits and hyphens; begin and end with a letter or digit.")
        raise _refusal("tenant.name_invalid", message)
    if "--" in slug:
        raise _refusal("tenant.name_invalid", _("Use single hyphens."))
    if slug.replace("-", "").isdigit():
        raise _refusal("tenant.name_invalid", _("Use at least one letter."))
    return slug


def is_reserved(slug: str) -> bool:
    """Whether the normalised ``slug`` is kept back: technical names, their plurals, ours, well-known brands
    and spellings that look like those."""
    plain = slug.replace("-", "")
    # 1 imitates l as well as i.
    folded = {plain, plain.translate(_LOOKS_LIKE), plain.replace("1", "i").translate(_LOOKS_LIKE)}
    names = {slug, *folded} | {form.removesuffix(end) for form in {slug, *folded} for end in ("s", "es")}
    if names & RESERVED:
        return True
    product = normalize(settings.PRODUCT_NAME).replace(" ", "")
    return any(word in form for form in folded for word in (product, *BRANDS) if word)


def check_name(raw: str, *, for_provisioning: Provisioning | None = None) -> str:
    """The normalised name if a new workspace may take it.

    Raises 422 ``tenant.name_invalid``, ``tenant.name_reserved`` or ``tenant.name_taken``; the last also for
    names given up less than 90 days ago and names held by a sign-up in progress.
    """
    slug = check_form(raw)
    if is_reserved(slug):
        raise _refusal("tenant.name_reserved", _("This name can't be used."))
    with activate_public():
        held = Provisioning.objects.filter(slug=slug, state__in=_OPEN_STATES)
        if for_provisioning is not None:
            held = held.exclude(pk=for_provisioning.pk)
        if is_taken(slug) or held.exists():
            raise name_taken()
    return slug


def is_taken(slug: str) -> bool:
    """Whether a workspace has this name or gave it up too recently. Expired tombstones are removed."""
    from django.utils import timezone

    with activate_public():
        found = Domain.objects.filter(slug=slug).first()
        if found is None:
            return False
        if found.tombstone_until is None or found.tombstone_until >= timezone.now():
            return True
        Domain.objects.filter(pk=found.pk, tombstone_until__lt=timezone.now()).delete()
        return Domain.objects.filter(slug=slug).exists()


def name_taken() -> TenantRefusal:
    """The refusal for a name somebody else has."""
    return _refusal("tenant.name_taken", _("This name is taken."))


def _refusal(code: str, message: object) -> TenantRefusal:
    return TenantRefusal(code, message, status=422, field="slug")
