"""Which encoding a text file is written in: byte order mark, UTF-8, UTF-16 without mark, else detection by its letters."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from crm_core.exchange.reading.content import not_a_table, refuse

_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What western European text in the Windows code page consists of, beside ASCII.
_WESTERN = set("äöüÄÖÜßéèêëàâáåÅæÆøØñÑçÇíìîïóòôõúùûýÿœŒšŠžŽ€£§°²³µ·–—‘’“”„…«»¡¿ÉÈÀÁÍÓÚ\u00a0®©™½¼")
_DETECTABLE = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "iso8859_2", "iso8859_5",
    "shift_jis", "gb18030", "big5", "euc_kr", "euc_jp", "cp850", "cp866", "mac_roman",
]  # fmt: skip
SELECTABLE = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "iso8859_15",
    *_DETECTABLE,
)


@dataclass(frozen=True)
class Encoding:
    """`guessed` is true when nothing in the file proves it, so that the screen can ask."""

    name: str
    guessed: bool = False


def checked(name: str) -> str:
    """The encoding a person chose. Raises FileRefused `file.encoding` when there is no such text encoding."""
    if not isinstance(name, str) or name.lower().replace("_", "-") not in {
        n.replace("_", "-") for n in SELECTABLE
    }:
        raise refuse("file.encoding", "There is no such text encoding.")
    return name.lower()


def detect(path: Path) -> Encoding:
    """The encoding of the text file at `path`. Raises FileRefused `file.not_a_table` for binary content."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if (wide := _wide(head)) is not None:
        return Encoding(wide, guessed=True)
    bad, good, sample = _scan(path)
    if not bad:
        return Encoding("utf-8")
    if good > 20 * bad:
        return Encoding("utf-8", guessed=True)  # UTF-8 with a few broken bytes: those rows get an error
    return Encoding(_by_letters(sample), guessed=True)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark shows as a NUL in every second byte; other files full of NULs are no text."""
    zeros = head.count(0)
    if zeros * 20 < len(head):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * len(head) / 2 and even * 10 < odd:
        return "utf-16-le"
    if even > 0.4 * len(head) / 2 and odd * 10 < even:
        return "utf-16-be"
    raise not_a_table("no text file")


def _scan(path: Path) -> tuple[int, int, bytes]:
    """Broken and well-formed multi-byte sequences of UTF-8 in the file, and lines that hold broken ones."""
    bad = good = 0
    sample = bytearray()
    with path.open("rb") as stream:
        while lines := stream.readlines(_CHUNK):
            chunk = b"".join(lines)
            if chunk.isascii():
                continue
            try:
                text = chunk.decode("utf-8")
                good += len(chunk) - len(text)
                continue
            except UnicodeDecodeError:
                pass  # looked at line by line
            for line in lines:
                if line.isascii():
                    continue
                text = line.decode("utf-8", "replace")
                broken = text.count("\ufffd")
                bad += broken
                good += sum(c > "\x7f" for c in text[:10_000]) - min(broken, 10_000)
                if broken and len(sample) < _SAMPLE:
                    sample += line[:2000] + b"\n"
    return bad, good, bytes(sample)


def _by_letters(sample: bytes) -> str:
    try:
        special = [c for c in sample.decode("cp1252") if c > "\x7f"]
    except UnicodeDecodeError:
        special = []
    if special and sum(c in _WESTERN for c in special) >= 0.95 * len(special):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_DETECTABLE).best()
    return best.encoding if best else "cp1252"
