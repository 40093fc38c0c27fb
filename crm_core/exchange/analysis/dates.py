"""Dates as people write them: reading a stated format, and finding the format from all values of a column (PLT-45.5)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from babel import dates as babel_dates

from crm_core.metadata.errors import Malformed

_LANGUAGES = ("en", "de", "sv", "ru", "bg")
_DIRECTIVE = re.compile(r"%([dmbByY])")
_TIME = re.compile(
    r"^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,](\d{1,6}))?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*(?:Uhr)?$"
)
_COMPACT = re.compile(r"^(\d{8})(?:[T ]?(.*))?$")
_PARTS = re.compile(
    r"^(\d{1,4}|[^\W\d_]+\.?)[-./\s,]+(\d{1,4}|[^\W\d_]+\.?)[-./\s,]+(\d{1,4})(?:(?:T|,?\s+)(.*))?$"
)
_FUTURE_YEARS = 20  # two-digit years further ahead than this mean the last century


@lru_cache(maxsize=1)
def month_names() -> dict[str, int]:
    """Month names and their abbreviations in the product's languages, case folded, without dots."""
    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in babel_dates.get_month_names(width, context, language).items():
                    found.setdefault(name.casefold().rstrip("."), number)
    found.update({"mär": 3, "mrz": 3, "sept": 9})
    return found


def full_year(year: int, digits: int) -> int:
    """The year meant by a number of `digits` digits: two-digit years reach 20 years ahead, else lie behind."""
    if digits > 2:
        return year
    century = dt.date.today().year // 100 * 100
    return century + year if century + year <= dt.date.today().year + _FUTURE_YEARS else century - 100 + year


def _order(date_format: str) -> str:
    """`dmy`, `mdy`, `ymd` or `ydm` of a format. Raises Malformed `mapping.date_format`."""
    letters = "".join({"b": "m", "B": "m", "Y": "y"}.get(d, d) for d in _DIRECTIVE.findall(date_format or ""))
    if sorted(letters) != ["d", "m", "y"]:
        raise Malformed(
            "mapping.date_format",
            f"“{date_format}” does not say where day, month and year stand.",
            field="date_format",
        )
    return letters


def split(text: str) -> tuple[tuple[str, str, str], str] | None:
    """The three parts of a written date and the rest behind it (a time); None when it is no date."""
    if (match := _PARTS.match(text)) is not None:
        return (match.group(1), match.group(2), match.group(3)), match.group(4) or ""
    return None


def _month(part: str) -> int:
    return int(part) if part.isdigit() else month_names().get(part.casefold().rstrip("."), 0)


def _time(text: str) -> tuple[dt.time, dt.tzinfo | None]:
    if not text:
        return dt.time(), None
    match = _TIME.match(text)
    if match is None:
        raise ValueError(text)
    hour, minute, second = (int(g or 0) for g in match.group(1, 2, 3))
    micro = int((match.group(4) or "0").ljust(6, "0"))
    if half := (match.group(5) or "").lower().replace(".", ""):
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "pm" else 0)
    zone: dt.tzinfo | None = None
    if given := match.group(6):
        sign = -1 if given[0] == "-" else 1
        digits = given[1:].replace(":", "")
        zone = (
            dt.UTC
            if given == "Z"
            else dt.timezone(sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
        )
    return dt.time(hour, minute, second, micro), zone


def reader(date_format: str) -> Callable[[str], dt.datetime]:
    """A function from text to a datetime (naive unless the text names an offset) for dates in this format.

    Only the order of day, month and year counts; separators may vary and a time may follow. The function raises
    ValueError for anything else. Raises Malformed for a format without day, month or year.
    """
    order = _order(date_format)
    day_at, month_at, year_at = order.index("d"), order.index("m"), order.index("y")
    compact = not re.search(r"[^%dmbByY]", date_format)

    def read(text: str) -> dt.datetime:
        text = text.strip()
        if compact and (match := _COMPACT.match(text)):
            digits, rest = match.groups()
            widths = {"d": 2, "m": 2, "y": 4}
            ends = [sum(widths[letter] for letter in order[: n + 1]) for n in range(3)]
            parts = (digits[: ends[0]], digits[ends[0] : ends[1]], digits[ends[1] : ends[2]])
        else:
            found = split(text)
            if found is None:
                raise ValueError(text)
            parts, rest = found
        year = full_year(int(parts[year_at]), len(parts[year_at]))
        time, zone = _time((rest or "").strip())
        return dt.datetime.combine(dt.date(year, _month(parts[month_at]), int(parts[day_at])), time, zone)

    return read


def mostly_good(seen: int, misses: int) -> bool:
    """Whether a column is of a kind although some values are not: one in twenty, of a few values up to half."""
    return seen > 0 and (misses * 20 <= seen or (seen <= 20 and misses * 2 <= seen))


@dataclass
class DateEvidence:
    """What the values of a column say about the order of day, month and year. Fed with distinct values."""

    seen: int = 0
    misses: int = 0
    compact: int = 0
    separators: dict[str, int] = field(default_factory=dict)
    days: dict[str, set[int]] = field(default_factory=dict)
    years: dict[str, set[int]] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)
    long_years: int = 0
    words: int = 0
    hopeless: bool = False

    def add(self, values: Iterable[str]) -> None:
        """Take in some values; a column that is clearly not of dates is given up early."""
        for text in values:
            self.seen += 1
            if not self._take(text):
                self.misses += 1
                if self.misses > 5 and self.misses * 5 > self.seen:
                    self.hopeless = True
                    return

    def _take(self, text: str) -> bool:
        if re.fullmatch(r"\d{8}", text):
            self.compact += 1
            options = {"ymd": (text[:4], text[4:6], text[6:]), "dmy": (text[4:], text[2:4], text[:2])}
            options["mdy"] = (text[4:], text[:2], text[2:4])
            return self._judge(options)
        found = split(text)
        if found is None:
            return False
        (a, b, c), rest = found
        try:
            _time(rest.strip())
        except ValueError:
            return False
        separator = text[len(a)]
        self.separators[separator] = self.separators.get(separator, 0) + 1
        self.long_years += len(a) == 4 or len(c) == 4
        if not a.isdigit() or not b.isdigit():
            self.words += 1
        options = {}
        if (len(c) in (2, 4) and len(a) <= 2) or not a.isdigit():
            options = {"dmy": (c, b, a), "mdy": (c, a, b)}
        if len(a) in (2, 4) and a.isdigit() and len(c) <= 2:
            options["ymd"] = (a, b, c)
        return self._judge(options)

    def _judge(self, options: dict[str, tuple[str, str, str]]) -> bool:
        fits = False
        for order in ("dmy", "mdy", "ymd"):
            try:
                year, month, day = options[order]
                value = dt.date(full_year(int(year), len(year)), _month(month), int(day))
                if not 1800 <= value.year <= 2200:
                    raise ValueError(year)
            except (KeyError, ValueError):
                self.bad[order] = self.bad.get(order, 0) + 1
                continue
            fits = True
            self.days.setdefault(order, set()).add(value.day)
            self.years.setdefault(order, set()).add(value.year)
        return fits

    def formats(self, *, month_first: bool = False) -> list[str]:
        """Formats that fit, the likeliest first; empty when the column is not of dates.

        `month_first` decides between day-month and month-day where no value does.
        """
        if self.hopeless or not mostly_good(self.seen, self.misses):
            return []
        possible = [
            o for o in ("dmy", "mdy", "ymd") if o in self.days and mostly_good(self.seen, self.bad.get(o, 0))
        ]
        preferred = ("mdy", "dmy", "ymd") if month_first else ("dmy", "mdy", "ymd")
        possible.sort(key=lambda o: (self.bad.get(o, 0), -self._plausibility(o), preferred.index(o)))
        return [self._format(order) for order in possible]

    def _plausibility(self, order: str) -> float:
        """Real dates spread over the days of the month and over few years; a wrong reading swaps the two."""
        years = self.years[order]
        span = max(years) - min(years)
        future = max(0, max(years) - dt.date.today().year - 5)
        return round(len(self.days[order]) / min(31, max(self.seen, 1)) - span / 40 - future / 10, 1)

    def _format(self, order: str) -> str:
        letters = {"d": "%d", "m": "%m", "y": "%Y" if self.long_years or self.compact else "%y"}
        if self.compact and not self.separators:
            return "".join(letters[letter] for letter in order)
        separator = max(self.separators, key=lambda s: self.separators[s])
        if self.words:
            letters["m"] = "%b"
        return separator.join(letters[letter] for letter in order)
