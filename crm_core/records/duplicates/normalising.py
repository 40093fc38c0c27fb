"""How a duplicate condition compares values: normalised text per operator (CUS-10.2). Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from crm_core.metadata.entity import Attribute
from crm_core.metadata.searching import fold
from crm_core.metadata.types.text import phone_digits

#: Legal forms that say nothing about which company is meant; a workspace may have a list of its own.
COMPANY_SUFFIXES = (
    "gmbh", "ggmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "gbr", "ev", "eg", "se", "co", "ltd", "limited", "llc", "llp", "lp",
    "plc", "inc", "incorporated", "corp", "corporation", "company", "ab", "hb", "as", "asa", "aps", "oy", "oyj", "bv", "nv", "sa",
    "sas", "sarl", "srl", "spa", "sl", "slu", "spzoo", "kft", "sro", "doo", "ood", "eood", "ad", "ead", "ооо", "оао", "зао",
    "пао", "ао", "ип", "оод", "еоод", "ад", "еад", "ooo", "oao", "zao", "pao", "pty", "kk", "und", "and",
)  # fmt: skip

OPERATORS = (
    "same",
    "begins",
    "ends",
    "similar",
    "email",
    "phone",
    "domain",
    "company",
    "same_date",
    "phonetic",
)
SIMILAR_FROM = 0.6

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?", re.UNICODE)
_POLISH = re.compile(r"\bsp\.? ?z ?oo\b")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def text(value: Any, case_sensitive: bool = False) -> str:
    """Trimmed NFKC text, case-folded and without accents unless the case counts."""
    if case_sensitive:
        return " ".join(unicodedata.normalize("NFKC", str(value)).split())
    return fold(unicodedata.normalize("NFKC", str(value)))


def company(value: Any, suffixes: Collection[str] = COMPANY_SUFFIXES) -> str:
    """A company's name without legal forms and punctuation; the whole folded name when nothing else is left."""
    folded = text(value).replace("&", " ")
    folded = _DOTTED.sub(lambda m: m.group(0).replace(".", ""), folded)
    folded = _POLISH.sub("spzoo", folded)
    words = _WORD.findall(folded)
    kept = [w for w in words if w not in suffixes]
    return " ".join(kept or words) or folded


def email(value: Any) -> str:
    """Lower case without a +tag; dots of Google mail count for nothing."""
    local, _at, domain = str(value).strip().lower().rpartition("@")
    if not local or not domain:
        return text(value)
    local = local.split("+", 1)[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def web_address(value: Any) -> str:
    """An address without scheme, www. and trailing slash."""
    return _SCHEME.sub("", str(value).strip()).lower().removeprefix("www.").rstrip("/")


def domain(value: Any) -> str:
    """The domain of a web or e-mail address."""
    host = web_address(value).rpartition("@")[2]
    return re.split(r"[/?#:]", host, maxsplit=1)[0]


def phonetic(value: Any) -> str:
    """Words as they sound: Cologne phonetics for Latin letters, other scripts unchanged."""
    return " ".join(_cologne(word) for word in _WORD.findall(text(value)))


_SOUNDS = {**dict.fromkeys("aeijouy", "0"), "b": "1", **dict.fromkeys("fvw", "3"), **dict.fromkeys("gkq", "4"), "l": "5",
           **dict.fromkeys("mn", "6"), "r": "7", **dict.fromkeys("sz", "8")}  # fmt: skip


def _cologne(word: str) -> str:
    if not word.isascii() or word.isdigit():
        return word
    codes: list[str] = []
    for i, letter in enumerate(word):
        before, after = word[i - 1 : i] if i else "", word[i + 1 : i + 2]
        codes.append(_cologne_letter(letter, before, after, i == 0))
    joined = "".join(codes)
    squeezed = re.sub(r"(.)\1+", r"\1", joined)
    return (squeezed[:1] + squeezed[1:].replace("0", "")) or word


def _cologne_letter(letter: str, before: str, after: str, first: bool) -> str:
    if letter == "h":
        return ""
    if letter == "p":
        return "3" if after == "h" else "1"
    if letter in "dt":
        return "8" if after and after in "csz" else "2"
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    if letter == "c":
        hard = after and after in ("ahkloqrux" if first else "ahkoqux")
        return "4" if hard and (first or before not in ("s", "z")) else "8"
    return _SOUNDS.get(letter, letter)


@lru_cache(maxsize=50_000)  # names come again and again
def trigrams(value: str) -> frozenset[str]:
    """The trigrams PostgreSQL's pg_trgm makes of `value`: each word with two blanks before and one after."""
    found: set[str] = set()
    for word in _WORD.findall(value):
        padded = f"  {word} "
        found.update(padded[i : i + 3] for i in range(len(padded) - 2))
    return frozenset(found)


def similarity(one: str, other: str) -> float:
    """Share of common trigrams, 0 to 1 (pg_trgm's similarity)."""
    if one == other:
        return 1.0
    ours, theirs = trigrams(one), trigrams(other)
    union = len(ours | theirs)
    return len(ours & theirs) / union if union else 0.0


def normal(
    attribute: Attribute, value: Any, operator: str, *, n: int | None, case_sensitive: bool, country: str | None,
    suffixes: Collection[str],
) -> str:  # fmt: skip
    """`value` (stored form, not blank) as `operator` compares it; may be empty when nothing comparable is in it."""
    if hasattr(value, "id"):
        return f"{value.object}:{value.id}"
    if operator == "same_date":
        return value.date().isoformat() if hasattr(value, "date") else str(value)
    if attribute.options or isinstance(value, (bool, int)):
        return str(value)
    words = attribute.type.to_text(attribute, value)
    special: dict[str, Callable[[Any], str]] = {
        "email": email, "domain": domain, "phonetic": phonetic,
        "company": lambda v: company(v, suffixes), "phone": lambda v: phone_digits(str(v), country),
    }  # fmt: skip
    if operator in special:
        return special[operator](words)
    if operator == "same" and attribute.format in ("phone", "email", "url"):
        plain = {"phone": special["phone"], "email": lambda v: str(v).strip().lower(), "url": web_address}
        return plain[attribute.format](words)
    folded = text(words, case_sensitive)
    if operator == "begins":
        return folded[:n]
    if operator == "ends":
        return folded[-n:] if n else folded
    return folded
