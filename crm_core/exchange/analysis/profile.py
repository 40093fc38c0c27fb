"""Profiles of columns, gathered while the file streams by: kind, samples, distinct values, formats (PLT-45.5)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crm_core.exchange.analysis.dates import DateEvidence, mostly_good

DISTINCT_KEPT = 1_000
_SAMPLES = 5
_SAMPLE_LENGTH = 80
_CURRENCY = "$€£¥ \u00a0\u202f"
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?\s*%?")
_POINT = re.compile(r"[+-]?\d{1,3}(?:[,\s\u00a0\u202f']\d{3})+(?:\.\d+)?\s*%?|[+-]?\d*\.\d+\s*%?")
_COMMA = re.compile(r"[+-]?\d{1,3}(?:[.\s\u00a0\u202f']\d{3})+(?:,\d+)?\s*%?|[+-]?\d+,\d+\s*%?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(
    r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|se|io|eu|co|ru|bg)(?:/\S*)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?=(?:\D*\d){6})[+(]?[\d\s()./-]{6,24}(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)
_BOOL = {"true", "false", "yes", "no", "y", "n", "ja", "nein", "wahr", "falsch", "да", "нет"}


@dataclass
class ColumnProfile:
    """What one column holds. Only distinct values are looked at, and a question settled is not asked again."""

    header: str
    filled: int = 0
    longest: int = 0
    samples: list[str] = field(default_factory=list)
    distinct: Counter[str] | None = field(default_factory=Counter)
    dates: DateEvidence = field(default_factory=DateEvidence)
    numbers: int = 0
    point_only: int = 0
    comma_only: int = 0
    leading_zeros: int = 0
    looked_at: int = 0
    number_misses: int = 0
    looks: Counter[str] = field(default_factory=Counter)

    def add(self, values: tuple[str, ...]) -> None:
        """Take in one block of cells of this column."""
        counted = Counter(values)
        empty = counted.pop("", 0)
        self.filled += len(values) - empty
        if not counted:
            return
        self.longest = max(self.longest, max(map(len, counted)))
        if self.distinct is not None:
            self.distinct.update(counted)
            if len(self.distinct) > DISTINCT_KEPT:
                self.distinct = None
        for value in counted:
            if len(self.samples) == _SAMPLES:
                break
            if (short := value.strip()[:_SAMPLE_LENGTH]) and short not in self.samples:
                self.samples.append(short)
        if not self.dates.hopeless:
            self.dates.add([text for value in counted if (text := value.strip())])
        if self.number_misses <= 5 or self.number_misses * 5 <= self.looked_at:
            self._numbers(counted)
        if self.looked_at_looks < 200:
            self._looks(list(counted)[:200])

    @property
    def looked_at_looks(self) -> int:
        return self.looks["all"]

    def _numbers(self, values: Counter[str]) -> None:
        for value in values:
            text = value.strip().strip(_CURRENCY)
            if not text:
                continue
            self.looked_at += 1
            if _PLAIN.fullmatch(text):
                self.numbers += 1
                self.point_only += "." in text and not re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", text)
                self.leading_zeros += len(text) > 1 and text[0] == "0" and text[1].isdigit()
            elif (point := bool(_POINT.fullmatch(text))) | (comma := bool(_COMMA.fullmatch(text))):
                self.numbers += 1
                self.point_only += point and not comma
                self.comma_only += comma and not point
            else:
                self.number_misses += 1

    def _looks(self, values: list[str]) -> None:
        for value in values:
            text = value.strip()
            self.looks["all"] += 1
            if _EMAIL.fullmatch(text):
                self.looks["email"] += 1
            elif text.casefold() in _BOOL:
                self.looks["bool"] += 1
            elif _URL.fullmatch(text):
                self.looks["url"] += 1
            elif _PHONE.fullmatch(text) and (self.dates.hopeless or not self.dates.seen or self.dates.misses):
                self.looks["phone"] += 1

    # answers --------------------------------------------------------------------------------------------------------
    def kind(self) -> str:
        """`empty`, `date`, `number` or `text`; numbers with leading zeros are text, so that nothing is lost."""
        if not self.filled:
            return "empty"
        if self.dates.formats() and not (
            self.dates.compact and self.numbers and not self._compact_dates_are_real()
        ):
            return "date"
        mostly = mostly_good(self.looked_at, self.number_misses)
        if mostly and self.leading_zeros * 20 <= self.looked_at:
            return "number"
        return "text"

    def _compact_dates_are_real(self) -> bool:
        return bool(re.search(r"date|datum|day|tag|_on$|_at$", self.header, re.IGNORECASE))

    def decimal_comma(self, *, customary: bool = False) -> bool:
        """Whether the comma parts decimals; `customary` decides when no value does (`1,234`)."""
        if self.comma_only or self.point_only:
            return self.comma_only > self.point_only
        return customary

    def looks_like(self) -> str | None:
        """`email`, `phone`, `url` or `bool` when most values look like it."""
        seen = self.looks["all"]
        for name in ("email", "bool", "url", "phone"):
            if seen and self.looks[name] * 10 >= seen * 8:
                return name
        return None

    def as_dict(self, *, month_first: bool, decimal_comma: bool) -> dict[str, Any]:
        kind = self.kind()
        return {
            "header": self.header,
            "samples": self.samples,
            "filled": self.filled,
            "longest": self.longest,
            "kind": kind,
            "date_formats": self.dates.formats(month_first=month_first) if kind == "date" else [],
            "decimal_comma": self.decimal_comma(customary=decimal_comma) if kind == "number" else False,
            "looks_like": self.looks_like(),
            "distinct": None if self.distinct is None else len(self.distinct),
            "common": None
            if self.distinct is None
            else [value for value, _n in self.distinct.most_common(50)],
        }


class Profiler:
    """Profiles of all columns of a table."""

    def __init__(self, header: list[str]):
        self.columns = [ColumnProfile(name) for name in header]

    def add(self, rows: list[list[str]]) -> None:
        """Take in a block of rows, all as wide as the header."""
        for profile, values in zip(self.columns, zip(*rows, strict=True), strict=True):
            profile.add(values)
