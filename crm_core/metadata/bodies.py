"""Long texts (notes, mails, descriptions of activities) as the search reads them: words in their German and English forms.

Nothing is kept beside the texts: the index stands over an expression, so every write keeps it, and what is erased is
gone from it. Accents and case do not count, nor do the signs that join words in addresses.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import CombinedSearchVector, SearchQuery, SearchVector, SearchVectorExact
from django.db.models import Func, Q, TextField, Value

from crm_core.metadata.searching import fold

LANGUAGES = ("german", "english")
#: shorter words are found whole; beginnings of two letters would find nearly everything
SHORTEST_BEGINNING = 4
_ACCENTED = "áàâãåāéèêëēíìîïīóòôõøōúùûūçčñšžýÁÀÂÃÅĀÉÈÊËĒÍÌÎÏĪÓÒÔÕØŌÚÙÛŪÇČÑŠŽÝ"
_PLAIN = "aaaaaaeeeeeiiiiioooooouuuuccnszyAAAAAAEEEEEIIIIIOOOOOOUUUUCCNSZY"
_JOINING = "@._-"
_TAG = re.compile(r"<[^>]{0,2000}>")


def _readable(column: str) -> Func:
    """Without accents (umlauts are the stemmer's business), and addresses as words."""
    return Func(
        column,
        Value(_ACCENTED + _JOINING),
        Value(_PLAIN + " " * len(_JOINING)),
        function="translate",
        output_field=TextField(),
    )


def vector(column: str) -> CombinedSearchVector | SearchVector:
    """The words of `column` in all languages; the same expression in the index and in the query."""
    found: Any = None
    for language in LANGUAGES:
        one = SearchVector(_readable(column), config=language)
        found = one if found is None else found + one
    return found


def body_index(column: str, name: str) -> GinIndex:
    """The index that `column` is searched by."""
    return GinIndex(vector(column), condition=Q(deleted_at=None), name=name)


def body_words(text: str) -> list[str]:
    """At most eight words of a search as bodies know them; letters and digits only, so that nothing is syntax."""
    return re.findall(r"[^\W_]+", fold(text))[:8]


def body_term(word: str) -> str:
    """A word of `body_words` as the index is asked for it: long ones may be beginnings."""
    return f"'{word}':*" if len(word) >= SHORTEST_BEGINNING else f"'{word}'"


def found_in(column: str, terms: Sequence[str]) -> Any:
    """The condition that the words of all `terms` stand in `column`, in any form."""
    asked: Any = None
    for term in terms:
        either: Any = None
        for language in LANGUAGES:
            one = SearchQuery(term, config=language, search_type="raw")
            either = one if either is None else either | one
        asked = either if asked is None else asked & either
    return SearchVectorExact(vector(column), asked)


def excerpt(text: str, words: Sequence[str], *, rich: bool = False, around: int = 60) -> list[dict[str, Any]]:
    """A piece of `text` around the first word that matches one of `words`, in parts `{"text", "hit"}`.

    Parts are plain text: nothing in them is markup, whatever the text says; `rich` ones lose their tags. Forms of a word are told by their
    beginning, which is what stems have in common.
    """
    plain = " ".join((html.unescape(_TAG.sub(" ", text)) if rich else text).split())
    stems = tuple(word[: max(3, len(word) - 2)] if len(word) > 3 else word for word in words)
    hits = [m.span() for m in re.finditer(r"[^\W_]+", plain) if _matches(fold(m[0]), words, stems)]
    start = max(0, hits[0][0] - around) if hits else 0
    end = min(len(plain), (hits[0][1] if hits else 0) + 2 * around)
    start = plain.rfind(" ", 0, start) + 1 if start else 0
    parts: list[dict[str, Any]] = []
    at = start
    for first, last in hits:
        if last > end:
            break
        parts += [{"text": plain[at:first], "hit": False}, {"text": plain[first:last], "hit": True}]
        at = last
    parts.append({"text": plain[at:end], "hit": False})
    if start:
        parts[0]["text"] = f"… {parts[0]['text']}"
    if end < len(plain):
        parts[-1]["text"] += " …"
    return [part for part in parts if part["text"]]


def _matches(word: str, words: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether a folded word of a text is one of those searched for, or another form of it."""
    for wanted, stem in zip(words, stems, strict=True):
        if word == wanted or (len(wanted) >= SHORTEST_BEGINNING and word.startswith(wanted)):
            return True
        if len(wanted) > 3 and word.startswith(stem) and abs(len(word) - len(wanted)) <= 3:
            return True
    return False
