"""vCard files (2.1, 3.0, 4.0) as a table of people, one row per card (PLT-45.5, CUS-2.3)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_core.exchange.reading import encoding as encodings
from crm_core.exchange.reading.content import refuse
from crm_core.exchange.reading.table import Format, problem

COLUMNS = (
    "First name", "Middle name", "Last name", "Salutation", "Suffix", "Nickname", "Full name", "Company", "Department", "Job title",
    "E-mail", "E-mail 2", "E-mail 3", "Business phone", "Home phone", "Mobile phone", "Fax", "Pager", "Website",
    "Street", "City", "State or province", "Postal code", "Country", "Birth date", "Description",
)  # fmt: skip
_LINE = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\")?[^:\"]*)*):(.*)$", re.DOTALL)
_MAX_CARD_LINES = 5_000


class VCards:
    """Contacts of an address book. Photos, sounds and keys are left out."""

    def __init__(self, path: Path, wanted: Format | None = None):
        self.path = path
        name = (
            encodings.checked(wanted.encoding) if wanted and wanted.encoding else encodings.detect(path).name
        )
        self.format = Format("vcard", encoding=name)

    def records(self) -> Iterator[tuple[list[str], list[dict[str, Any]] | None]]:
        yield list(COLUMNS), None
        card: list[str] | None = None
        with self.path.open("r", encoding=self.format.encoding, errors="replace") as stream:
            for line in _unfolded(stream):
                word = line.strip().upper()
                if word == "BEGIN:VCARD":
                    card = []
                elif word == "END:VCARD":
                    if card is None:
                        raise refuse("file.damaged", "A contact ends that never began.")
                    yield _row(card)
                    card = None
                elif card is not None:
                    if len(card) > _MAX_CARD_LINES:
                        raise refuse("file.too_complex", "A contact of the file has too many lines.")
                    card.append(line)


def _unfolded(stream: Any) -> Iterator[str]:
    """Logical lines: a line beginning with a blank, or after a quoted-printable `=`, continues the one before."""
    held: str | None = None
    for raw in stream:
        line = raw.rstrip("\r\n")
        if held is not None and line[:1] in (" ", "\t"):
            held += line[1:]
        elif held is not None and held.endswith("=") and "QUOTED-PRINTABLE" in held.upper():
            held += "\n" + line
        else:
            if held:
                yield held
            held = line
        if len(held) > 20_000_000:
            raise refuse("file.too_complex", "A line of the file is too long.")
    if held:
        yield held


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nN,;:\\])", lambda m: "\n" if m.group(1) in "nN" else m.group(1), text).strip()


def _parts(text: str) -> list[str]:
    return [_unescaped(part) for part in re.split(r"(?<!\\);", text)]


def _row(lines: list[str]) -> tuple[list[str], list[dict[str, Any]] | None]:
    found: dict[str, str] = {}
    problems = []
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, parameters, value = match.group(1).upper(), match.group(2).upper(), match.group(3)
        if "QUOTED-PRINTABLE" in parameters:
            value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
        _take(found, name, parameters, value.replace("\x00", "\ufffd"))
    if not found.get("Last name") and found.get("Full name"):
        first, _blank, last = found["Full name"].rpartition(" ")
        found["Last name"] = last
        found.setdefault("First name", first)
    cells = [found.get(column, "") for column in COLUMNS]
    problems = [
        problem("value.bad_characters", "The cell has characters that cannot be read.", i)
        for i, c in enumerate(cells)
        if "\ufffd" in c
    ]
    return cells, problems or None


def _take(found: dict[str, str], name: str, parameters: str, value: str) -> None:
    """Put one property where it belongs; the first of its kind stays, further ones fill the next column."""
    if name == "N":
        last, first, middle, prefix, suffix = (_parts(value) + [""] * 5)[:5]
        named = {
            "Last name": last,
            "First name": first,
            "Middle name": middle,
            "Salutation": prefix,
            "Suffix": suffix,
        }
        found.update({k: v for k, v in named.items() if v})
    elif name == "ORG":
        company, department = (_parts(value) + [""])[:2]
        found.setdefault("Company", company)
        found.setdefault("Department", department)
    elif name == "ADR":
        _box, extra, street, city, region, code, country = (_parts(value) + [""] * 7)[:7]
        street = "\n".join(part for part in (street, extra) if part)
        for column, part in zip(COLUMNS[19:24], (street, city, region, code, country), strict=True):
            found.setdefault(column, part)
    elif name == "EMAIL":
        free = next((c for c in ("E-mail", "E-mail 2", "E-mail 3") if c not in found), None)
        if free:
            found[free] = _unescaped(value).removeprefix("mailto:")
    elif name == "TEL":
        column = next((c for word, c in _PHONES if word in parameters), "Business phone")
        found.setdefault(column, _unescaped(value).removeprefix("tel:"))
    elif name == "BDAY":
        text = _unescaped(value)[:10]
        found["Birth date"] = (
            f"{text[:4]}-{text[4:6]}-{text[6:8]}" if re.fullmatch(r"\d{8}.*", text) else text
        )
    elif name in _SINGLE:
        found.setdefault(_SINGLE[name], _unescaped(value))


_PHONES = (("FAX", "Fax"), ("CELL", "Mobile phone"), ("PAGER", "Pager"), ("HOME", "Home phone"))
_SINGLE = {
    "FN": "Full name",
    "NICKNAME": "Nickname",
    "TITLE": "Job title",
    "URL": "Website",
    "NOTE": "Description",
}
