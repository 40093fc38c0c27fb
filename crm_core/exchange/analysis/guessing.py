"""Guesses a person can correct: which object a file holds, which attribute a column is, which option a value means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from crm_core.exchange.analysis import synonyms
from crm_core.exchange.analysis.targets import STAGE_OR_STATE, Target, targets_of, words
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.searching import fold
from crm_core.security.actor import Actor

ACCEPTED = 0.55
ALIKE = 0.84
_NUMBERS = {"int", "dec", "float", "money", "duration"}
_DATES = {"date", "datetime"}
_OPTIONS = {"pick", "multi", STAGE_OR_STATE}
_REFERENCES = {"lookup", "customer", "owner"}


def guess_objects(columns: Sequence[Mapping[str, Any]], file_name: str, actor: Actor) -> list[dict[str, Any]]:
    """Objects the file may hold with a score from 0 to 1, the likeliest first, at most five."""
    found = []
    stem = words(re.sub(r"\.\w{1,5}$", "", file_name))
    for entity in registry.all():
        if not entity.has("import") or entity.internal or not actor.depth(entity, "create"):
            continue
        guesses = guess_columns(entity, columns, actor)
        covered = sum(g["score"] for g in guesses.values()) / max(len(columns), 1)
        needed = {
            a.name for a in entity.attributes.values() if a.required and not a.read_only and a.default is None
        }
        missing = len(needed - {g["attribute"] for g in guesses.values()})
        primary = 0.1 if entity.primary in {g["attribute"] for g in guesses.values()} else 0
        named = 0.3 if _named(stem, entity) else 0
        score = max(0.0, min(1.0, 0.6 * covered + primary + named - 0.1 * missing))
        found.append({"object": entity.name, "score": round(score, 2)})
    return sorted(found, key=lambda g: -g["score"])[:5]


def _named(stem: str, entity: Entity) -> bool:
    names = {
        words(entity.name),
        words(entity.plural),
        words(str(entity.label)),
        words(str(entity.label_plural)),
    }
    names |= {words(w) for w in synonyms.OBJECTS.get(entity.name, ())}
    return any(re.search(rf"\b{re.escape(name)}\b", stem) for name in names if name)


def guess_columns(
    entity: Entity, columns: Sequence[Mapping[str, Any]], actor: Actor
) -> dict[int, dict[str, Any]]:
    """`{column index: {"attribute", "score"}}`, each attribute at most once, for scores of 0.55 and more."""
    pairs = []
    targets = targets_of(entity, actor)
    for index, column in enumerate(columns):
        if not column["filled"]:
            continue
        header = words(column["header"])
        for target in targets:
            score = _header_score(header, target) * _fit(column, target)
            if (
                score < ACCEPTED
                and column["looks_like"] in ("email", "url")
                and _format(target) == column["looks_like"]
            ):
                score = ACCEPTED + 0.05
            if score >= ACCEPTED:
                pairs.append((score, target.required, -index, target.name))
    pairs.sort(reverse=True)
    found: dict[int, dict[str, Any]] = {}
    taken: set[str] = set()
    for score, _required, negative, name in pairs:
        if name not in taken and -negative not in found:
            found[-negative] = {"attribute": name, "score": round(score, 2)}
            taken.add(name)
    return dict(sorted(found.items()))


def _format(target: Target) -> str | None:
    return target.attribute.format if target.attribute else None


def _header_score(header: str, target: Target) -> float:
    """How well a header names a target: 1 for its name, less for a likeness."""
    if header in target.words:
        return 1.0
    if header in target.weak_words:
        return 0.85
    if not header:
        return 0.0
    best = max((fuzz.ratio(header, word) for word in target.words), default=0) / 100
    if best >= 0.86:
        return best * 0.95
    tokens = set(header.split())
    contained = [w for w in target.words if len(w) > 3 and set(w.split()) <= tokens]
    return 0.6 if contained else 0.0


def _fit(column: Mapping[str, Any], target: Target) -> float:
    """Whether the content can be what the target needs: 1 when it fits, little when it cannot."""
    kind, looks = column["kind"], column["looks_like"]
    if target.type in _NUMBERS:
        return 1.0 if kind == "number" else 0.2
    if target.type in _DATES:
        return 1.0 if kind == "date" else 0.2
    if target.type == "bool":
        return (
            1.0
            if looks == "bool"
            or set(map(str.casefold, column["common"] or ["?"])) <= {"0", "1", "x", "yes", "no", "ja", "nein"}
            else 0.2
        )
    if target.type in _OPTIONS:
        return _options_fit(column, target)
    if _format(target) == "email":
        return 1.0 if looks == "email" else 0.6
    if target.type in _REFERENCES and kind == "date":
        return 0.2
    if looks == "email" and target.type == "text" and _format(target) is None:
        return 0.6
    return 1.0


def _options_fit(column: Mapping[str, Any], target: Target) -> float:
    """The share of the column's values that look like one of the options; many different values are no option."""
    common = column["common"]
    if common is None or (column["distinct"] or 0) > 200:
        return 0.2
    labels = [o["label"] for o in target.options]
    matched = sum(1 for guess in guess_options(common, labels) if guess is not None)
    return 0.55 + 0.45 * matched / max(len(common), 1)


def plain(text: str) -> str:
    """A value without case, accents, blanks and signs: `GTXPro` and `GTX Pro` are the same."""
    return re.sub(r"[\W_]+", "", fold(text))


def guess_options(values: Sequence[str], labels: Sequence[str]) -> list[tuple[int, float] | None]:
    """For each value the index of the label it probably means and a score from 0 to 1, or None."""
    if not labels:
        return [None] * len(values)
    folded = [plain(label) for label in labels]
    exact = {label: i for i, label in reversed(list(enumerate(folded)))}
    found: list[tuple[int, float] | None] = []
    for value in values:
        text = plain(value)
        if not text:
            found.append(None)
        elif text in exact:
            found.append((exact[text], 1.0))
        else:
            best = process.extractOne(text, folded, scorer=fuzz.ratio, score_cutoff=ALIKE * 100)
            found.append((best[2], round(best[1] / 100, 2)) if best else None)
    return found


def unmatched(values: Iterable[str], names: Sequence[str]) -> dict[str, tuple[str, float]]:
    """`{value: (name, score)}` of the values that are no name as they stand but look like one."""
    known = {fold(name) for name in names}
    open_values = [v for v in values if v.strip() and fold(v) not in known]
    guesses = guess_options(open_values, names)
    return {v: (names[g[0]], g[1]) for v, g in zip(open_values, guesses, strict=True) if g is not None}
