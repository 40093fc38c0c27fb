"""CSV and its relatives: delimiter, quotes and rows of a text file, streamed (PLT-45.5)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_core.exchange.formulas import plain_text
from crm_core.exchange.reading import encoding as encodings
from crm_core.exchange.reading.content import not_a_table, refuse
from crm_core.exchange.reading.table import MAX_ROWS, Format, problem, too_many_rows

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 64 * 1024
_LONGEST_FIELD = 1_000_000  # beyond this a quote was never closed
_SEP_LINE = re.compile(r"^sep=(.)\r?\n", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")

csv.field_size_limit(_LONGEST_FIELD)


class TextFile:
    """A text file with delimiters. Guesses what `wanted` leaves open."""

    def __init__(self, path: Path, wanted: Format | None = None):
        self.path = path
        given = wanted or Format("csv")
        detected = (
            encodings.Encoding(encodings.checked(given.encoding))
            if given.encoding
            else encodings.detect(path)
        )
        self.format = Format("csv", encoding=detected.name)
        sample = self._sample()
        if sample.count("\ufffd") * 5 > len(sample):
            raise refuse("file.encoding", "The text cannot be read with this encoding.")
        if _binary(sample):
            raise not_a_table("no text file")
        delimiter, quote, escape = _dialect(sample, given.delimiter)
        self.format = replace(self.format, delimiter=delimiter, quote=quote, escape=escape)
        header = given.header if wanted else _has_header(self._parsed(io.StringIO(sample, newline="")))
        self.format = replace(self.format, header=header)
        if detected.guessed:
            message = f"The text encoding was guessed as {detected.name}. Please look at special characters."
            self.format = self.format.with_notice("file.encoding_guessed", message)
        self._refuse_too_many_rows()

    def _open(self) -> io.TextIOWrapper:
        return self.path.open("r", encoding=self.format.encoding, errors="replace", newline="")

    def _sample(self) -> str:
        with self._open() as stream:
            return stream.read(_SAMPLE_CHARACTERS)

    def _refuse_too_many_rows(self) -> None:
        """Count line ends outside quotes, a chunk at a time, and stop at the limit: no row is kept for it."""
        quote = self.format.quote or '"'
        rows, quoted = 0, False
        with self._open() as stream:
            while chunk := stream.read(1024 * 1024):
                parts = chunk.split(quote)
                for part in parts[int(quoted) :: 2]:
                    rows += part.count("\n") or part.count("\r")
                quoted ^= len(parts) % 2 == 0
                if rows > MAX_ROWS + 1:
                    raise too_many_rows()

    def _parsed(self, stream: Any) -> Any:
        escape = self.format.escape
        return csv.reader(
            stream,
            delimiter=self.format.delimiter or ",",
            quotechar=self.format.quote,
            escapechar=escape,
            doublequote=escape is None,
        )

    def records(self) -> Iterator[tuple[list[str], list[dict[str, Any]] | None]]:
        """Every record; NUL and undecodable bytes become a problem of their row, an open quote refuses the file."""
        with self._open() as stream:
            start = stream.read(16)
            stream.seek(0)
            if _SEP_LINE.match(start):
                stream.readline()
            reader = self._parsed(_without_nul(stream))
            try:
                for cells in reader:
                    joined = "".join(cells)
                    if "'" in joined and self.format.quote != "'":
                        cells = [plain_text(cell) for cell in cells]
                    if joined.isascii() or "\ufffd" not in joined:
                        yield cells, None
                    else:
                        yield (
                            cells,
                            [_unreadable(index) for index, cell in enumerate(cells) if "\ufffd" in cell],
                        )
            except csv.Error:
                line = reader.line_num
                raise refuse(
                    "file.unclosed_quote", f"A quotation mark opened before line {line} is never closed."
                ) from None


def _unreadable(column: int) -> dict[str, Any]:
    return problem("value.bad_characters", "The cell has characters that cannot be read.", column)


def _without_nul(stream: io.TextIOWrapper) -> Iterator[str]:
    for line in stream:
        yield line.replace("\x00", "\ufffd") if "\x00" in line else line


def _binary(sample: str) -> bool:
    odd = sum(1 for c in sample[:8192] if c < " " and c not in "\t\r\n\f\v\x00\x1a")
    return odd * 50 > len(sample[:8192])


def _dialect(sample: str, chosen: str | None) -> tuple[str, str, str | None]:
    """Delimiter, quote character and escape character of a sample."""
    if chosen is not None and (not isinstance(chosen, str) or len(chosen) != 1 or chosen in '"\r\n\x00'):
        raise refuse("file.delimiter", "The delimiter is one character.")
    if found := _SEP_LINE.match(sample):
        chosen, sample = chosen or found.group(1), sample[found.end() :]
    quote = _quote(sample)
    doubled = re.search(rf"[^\\,;\t|\r\n{quote}]{quote}{quote}[^,;\t|\r\n{quote}]", sample)
    # Before a delimiter or the end of the line the quote closes a cell that ends with a backslash.
    inside = re.search(rf"\\{quote}[^,;\t|\r\n{quote}{re.escape(chosen or '')}]", sample)
    escape = "\\" if inside and sample.count("\\" + quote) > 1 and not doubled else None
    if chosen:
        return chosen, quote, escape
    lines = sample if len(sample) < _SAMPLE_CHARACTERS else sample[: sample.rfind("\n")]
    scores = {delimiter: _score(lines, delimiter, quote) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda d: scores[d])
    return (best if scores[best] > 0 else ","), quote, escape


def _quote(sample: str) -> str:
    if '"' in sample:
        return '"'
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", sample, re.MULTILINE))
    return "'" if single > 2 and single * 2 >= sample.count("'") * 0.9 else '"'


def _score(sample: str, delimiter: str, quote: str) -> float:
    """How table-like the sample is with this delimiter: the share of rows with the commonest width, preferring width."""
    try:
        widths = [
            len(r)
            for r in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, quotechar=quote)
            if r
        ]
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, rows = max(Counter(widths[:500]).items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return 0
    header_fits = 0.3 if widths[0] == width else 0
    return rows / len(widths[:500]) + header_fits + min(width, 20) / 1000


def _has_header(records: Iterator[list[str]]) -> bool:
    """A first row holding numbers above columns of numbers is data, not a header."""
    rows = []
    try:
        for record in records:
            if any(record):
                rows.append(record)
            if len(rows) > 20:
                break
    except csv.Error:
        return True
    if len(rows) < 2:
        return True
    return not any(
        _NUMBER.fullmatch(cell) and all(_NUMBER.fullmatch(r[i]) for r in rows[1:] if i < len(r) and r[i])
        for i, cell in enumerate(rows[0])
        if cell
    )
