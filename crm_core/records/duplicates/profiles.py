"""What of an object's records is compared when existing data is scanned, read off its attributes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import QuerySet

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.searching import fold
from crm_core.metadata.types.text import phone_digits
from crm_core.records.duplicates import normalising
from crm_core.records.duplicates.rules import suffixes
from crm_core.records.duplicates.scoring import PUBLIC_MAIL, Profile
from crm_core.records.query.filters import base_rows

_NUMBERS = (
    "vat_number",
    "tax_number",
    "vat_id",
    "tax_id",
    "registration_number",
    "government_id",
    "serial_number",
)
#: Numbers and addresses of somebody else, or that many share.
_ELSEWHERE = ("fax", "assistant", "manager", "pager", "social")
_BIRTHDAYS = ("birth_date", "birthday")

Part = tuple[str, Attribute, str]  # what it is, the attribute, the column or path


def scanned_objects() -> list[Entity]:
    """Objects whose existing records are looked through: those with duplicate detection, and custom ones."""
    return [e for e in registry.all() if not e.internal and (e.has("duplicates") or e.custom)]


def partners(entity: Entity) -> list[str]:
    """Other objects a record may turn out to be: those named by delivered rules across objects (lead and contact)."""
    return [name for name, _pairs in entity.duplicates_elsewhere if name in registry.current().entities]


class ProfileReader:
    """Reads the profiles of one object's records, a query per call."""

    def __init__(self, entity: Entity):
        self.entity = entity
        self.country = workspace.current().country
        self.suffixes = suffixes()
        self.parts = _parts(entity)
        self.columns = [column for _what, _attribute, column in self.parts]

    def rows(self) -> QuerySet:
        """Live records; merged ones are no candidates."""
        return base_rows(self.entity, None).filter(merged_into=None)

    def after(self, record_id: uuid.UUID | None, limit: int) -> dict[uuid.UUID, Profile]:
        """The next records in the order of their ids."""
        rows = self.rows().order_by("pk")
        if record_id is not None:
            rows = rows.filter(pk__gt=record_id)
        return self._profiles(rows[:limit])

    def of(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Profile]:
        return self._profiles(self.rows().filter(pk__in=ids))

    def _profiles(self, rows: QuerySet) -> dict[uuid.UUID, Profile]:
        return {row[0]: self._profile(row[1:]) for row in rows.values_list("pk", *self.columns)}

    def _profile(self, values: Collection[Any]) -> Profile:
        found: dict[str, Any] = {"emails": set(), "phones": set(), "domains": set()}
        for (what, _attribute, _column), value in zip(self.parts, values, strict=True):
            if value is None or value == "":
                continue
            if what == "email":
                mail = normalising.email(value)
                found["emails"].add(mail)
                if (domain := mail.rpartition("@")[2]) not in PUBLIC_MAIL:
                    found["domains"].add(domain)
            elif what == "phone":
                found["phones"].add(phone_digits(str(value), self.country))
            elif what == "domain":
                found["domains"].add(normalising.domain(value))
            elif what == "company" or (what == "name" and not self.person):
                found.setdefault(what, german(normalising.company(value, self.suffixes)))
            elif what == "number":
                found.setdefault(what, "".join(c for c in fold(str(value)) if c.isalnum()))
            elif what == "birthday":
                found.setdefault(what, str(value))
            else:
                found.setdefault(what, german(fold(str(value)).replace("-", " ")))
        found.setdefault("name", "")
        for name in ("emails", "phones", "domains"):
            found[name] = frozenset(found[name] - {""})
        return Profile(**found)

    @property
    def person(self) -> bool:
        return "last_name" in self.entity.attributes


def german(text: str) -> str:
    """Mueller and Müller are one name: the umlaut's letter e goes."""
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


_FORMATS: dict[str, str] = {"email": "email", "phone": "phone", "url": "domain"}
_NAMES: dict[str, str] = {"first_name": "first", "last_name": "last", "company_name": "company", "address1_city": "city", "city": "city",
                          **dict.fromkeys(_NUMBERS, "number"), **dict.fromkeys(_BIRTHDAYS, "birthday")}  # fmt: skip


def _parts(entity: Entity) -> list[Part]:
    found: list[Part] = []
    for attribute in entity.attributes.values():
        if attribute.secured:
            continue  # score and reasons are for everybody who may read both records (PLT-41)
        what = _NAMES.get(attribute.name) or _FORMATS.get(attribute.format or "")
        if attribute.name == entity.primary and "last_name" not in entity.attributes:
            what = "name"
        if (
            attribute.type.name == "customer"
            and "account" in attribute.columns
            and "company_name" not in entity.attributes
        ):
            account = registry.get("account").primary_attribute.column
            found.append(("company", attribute, f"{attribute.columns['account']}__{account}"))
        elif what and not any(word in attribute.name for word in _ELSEWHERE):
            found.append(
                (
                    what,
                    attribute,
                    f"custom__{attribute.name}" if attribute.custom else attribute.column or attribute.name,
                )
            )
    return found


def reader_of() -> Callable[[str], ProfileReader]:
    """A cache of readers for one step of a scan."""
    readers: dict[str, ProfileReader] = {}

    def read(name: str) -> ProfileReader:
        if name not in readers:
            readers[name] = ProfileReader(registry.get(name))
        return readers[name]

    return read
