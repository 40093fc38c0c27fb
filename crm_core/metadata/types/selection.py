"""Which records are meant: a filter that is kept, and a list of ids."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db.models import JSONField

from crm_core.metadata.types.base import AttributeType
from crm_core.metadata.types.reference import as_uuid

MAX_FILTER = 20_000
MAX_IDS = 10_000


class Filter(AttributeType):
    """A tree of the filter language. What it may name depends on the object it is about: a rule of the record checks it."""

    name = "filter"
    operators = ("empty", "not_empty")
    json_output = JSONField

    def parse(self, attribute, raw: Any) -> dict | None:
        if raw is None or raw == {}:
            return None
        if not isinstance(raw, dict):
            raise self.wrong(attribute, "a filter is needed.", "value.wrong_type")
        text = json.dumps(raw)
        if len(text) > MAX_FILTER or "\\u0000" in text:
            raise self.wrong(
                attribute, f"a filter of at most {MAX_FILTER:,} characters is needed.", "value.too_long"
            )
        return raw

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        try:
            return self.parse(attribute, json.loads(text)) if text.strip() else None
        except ValueError:
            raise self.wrong(attribute, "a filter is needed.", "value.wrong_type") from None

    def to_text(self, attribute, value: Any) -> str:
        return "" if value is None else json.dumps(value, ensure_ascii=False)


class Ids(AttributeType):
    """Records named one by one, as a parameter: ids, or references that also say of which object."""

    name = "ids"
    operators = ()

    def parse(self, attribute, raw: Any) -> list[tuple[str | None, uuid.UUID]] | None:
        if raw is None or raw == []:
            return None
        if not isinstance(raw, list) or len(raw) > MAX_IDS:
            raise self.wrong(attribute, f"a list of at most {MAX_IDS:,} ids is needed.", "value.wrong_type")
        return [self._one(attribute, one) for one in raw]

    def _one(self, attribute, raw: Any) -> tuple[str | None, uuid.UUID]:
        named = raw if isinstance(raw, dict) else {"id": raw}
        found, of = as_uuid(named.get("id")), named.get("object")
        if found is None or not (of is None or isinstance(of, str)):
            raise self.wrong(attribute, "the ids of records are needed.", "value.not_an_id")
        return of, found
