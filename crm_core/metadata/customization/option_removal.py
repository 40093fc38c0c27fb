"""Deleting options of lists and fields: what goes, what takes its place, and what still names it (PLT-4).

A deleted option stays in the body as a row that says `removed` (see `definitions.checked_options`). Records that hold it
are rewritten after publishing by the floor above, which also counts them; so nothing is left with an option that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm_core.metadata.declaration import fixed_options, option_lists
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, NotFound
from crm_core.metadata.models import Publication

Rows = list[dict[str, Any]]
Replacements = Mapping[str, Mapping[str, int | None]]
CHOICES = ("pick", "multi")

_holders: list[Callable[[str, str, Collection[int]], Mapping[int, int]]] = []


def register_holders(counter: Callable[[str, str, Collection[int]], Mapping[int, int]]) -> None:
    """`counter(object, attribute, values)` says how many records hold each value, those in the recycle bin included."""
    _holders.append(counter)


def held(object_name: str, attribute: str, values: Collection[int]) -> dict[int, int]:
    """How many records hold each of `values`; values nobody holds are missing."""
    found: dict[int, int] = {}
    for counter in _holders if values else ():
        for value, count in counter(object_name, attribute, values).items():
            found[value] = found.get(value, 0) + count
    return found


@dataclass(frozen=True)
class Gone:
    """An option that goes; `decided` when somebody said what takes its place, None being nothing."""

    value: int
    label: str
    decided: bool = False
    replacement: int | None = None


@dataclass(frozen=True)
class Removal:
    """What one list loses: a shared one, or that of one field when `object` is not None."""

    object: str | None
    name: str
    label: str
    gone: tuple[Gone, ...]
    #: (object, attribute) of the fields that offer the list
    fields: tuple[tuple[str, str], ...]
    #: options that stay, by value
    staying: Mapping[int, str]
    #: a field that needs a value: it cannot be left empty
    required: bool = False
    #: where options stand, by value: one only takes the place of another of its group (the state of a status reason)
    groups: Mapping[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The list's name, or `object.attribute`."""
        return self.name if self.object is None else f"{self.object}.{self.name}"

    def records(self) -> dict[int, int]:
        """How many records hold each option that goes."""
        found: dict[int, int] = {}
        for object_name, attribute in self.fields:
            for value, count in held(object_name, attribute, [g.value for g in self.gone]).items():
                found[value] = found.get(value, 0) + count
        return found

    def undecided(self) -> list[Gone]:
        """Options that records hold and nobody said what takes their place."""
        counted = self.records() if any(not g.decided for g in self.gone) else {}
        return [g for g in self.gone if not g.decided and counted.get(g.value)]

    def as_json(self) -> dict[str, Any]:
        """What people decide by: options that go with their records, and what can take their place."""
        counted = self.records()
        return {
            "list": self.key,
            "label": self.label,
            "required": self.required,
            "options": [
                {"value": g.value, "label": g.label, "records": counted.get(g.value, 0), **self._group(g.value),
                 **({"replacement": g.replacement} if g.decided else {})}
                for g in self.gone
            ],
            "staying": [{"value": v, "label": label, **self._group(v)} for v, label in self.staying.items()],
        }  # fmt: skip

    def _group(self, value: int) -> dict[str, str]:
        return {"group": self.groups[value]} if value in self.groups else {}


# in the draft --------------------------------------------------------------------------------------------------------
def list_rows(body: Mapping[str, Any], name: str) -> Rows:
    """The rows of a shared list in `body`, or as delivered."""
    rows = body.get("option_lists", {}).get(name)
    if rows is not None:
        return rows
    return [{"value": o.value, "label": str(o.label)} for o in option_lists().get(name, ())]


def offered_rows(body: Mapping[str, Any], definition: Mapping[str, Any]) -> Rows:
    """The rows a custom field's definition offers, its own or those of its shared list."""
    if shared := definition.get("option_list"):
        return list_rows(body, shared)
    return definition.get("options") or []


def staying(rows: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Options that are there, by value."""
    return {r["value"]: str(r["label"]) for r in rows if not r.get("removed")}


def with_removed(before: Rows, given: Any, replacements: Any, published: Collection[int]) -> Any:
    """`given` rows with those of `before` that are missing, as removed; one never published just goes.

    `replacements` says by the removed option's number what takes its place. Raises Invalid `option.replacement`.
    """
    if not isinstance(given, list):
        return given
    if not isinstance(replacements, dict):
        raise Invalid("option.replacement", "Say what replaces each option.", field="replacements")
    there = {r["value"] for r in given if isinstance(r, dict) and isinstance(r.get("value"), int)}
    rows, known = list(given), set()
    for row in before:
        if row["value"] in there:
            continue
        if row["value"] in published:
            known.add(str(row["value"]))
            row = {**row, "removed": True}
            if str(row["value"]) in replacements:
                row["replacement"] = replacements[str(row["value"])]
        if row.get("removed"):
            rows.append(row)
    if unknown := set(replacements) - known:
        raise Invalid(
            "option.replacement", "This option is not deleted.", field=f"replacements.{min(unknown)}"[:200]
        )
    return rows


def refuse_fixed(name: str, rows: Rows) -> None:
    """Raises Conflict `option.fixed` for options of a delivered list the product itself works with."""
    if gone := fixed_options(name) - set(staying(rows)):
        labels = {o.value: str(o.label) for o in option_lists().get(name, ())}
        named = ", ".join(labels.get(v, str(v)) for v in sorted(gone))
        raise Conflict(
            "option.fixed",
            f"The product itself works with {named}: rename or retire it, it cannot be deleted.",
            field="options",
            details={"options": sorted(gone)},
        )


def refuse_undecided(found: Iterable[Removal]) -> None:
    """Raises Conflict `option.in_use` while records hold an option that goes, Invalid `option.needed` when a field would be
    left empty that may not be."""
    found = list(found)
    if waiting := [r for r in found if r.undecided()]:
        first = waiting[0]
        named = ", ".join(g.label for g in first.undecided())
        raise Conflict(
            "option.in_use",
            f"Records have {named}: choose what takes its place.",
            field="replacements",
            details={"lists": [r.as_json() for r in waiting]},
        )
    for removal in found:
        empty = [g for g in removal.gone if g.decided and g.replacement is None]
        if removal.required and empty and removal.records():
            raise Invalid(
                "option.needed",
                f"{removal.label} is required: choose an option instead of {empty[0].label}.",
                field=f"replacements.{empty[0].value}",
            )


def whole(
    body: Mapping[str, Any], entities: Mapping[str, Entity], object_name: str | None, name: str
) -> Removal:
    """A list as if all of it went, to ask who has which option. Raises NotFound for what is no list.

    `name` is a shared list, or with `object_name` a field that has options, its own or those of a shared list.
    """
    if object_name is None:
        if name not in option_lists() and name not in body.get("option_lists", {}):
            raise NotFound("option_list.unknown", "There is no such option list.")
        found = _of_list(name, list_rows(body, name), [], entities)
        if found is None:
            raise NotFound("option_list.unknown", "There is no such option list.")
        return found
    rows = body.get("attributes", {}).get(object_name, ())
    row = next((r for r in rows if r["name"] == name and r["type"] in CHOICES), None)
    if row is None:
        raise NotFound("attribute.unknown", "There is no such field with options.")
    gone = gone_between(staying(offered_rows(body, row)), [])
    return Removal(
        object_name, name, row["label"], gone, ((object_name, name),), {}, bool(row.get("required"))
    )


# between two bodies --------------------------------------------------------------------------------------------------
def removals(old: Mapping[str, Any], new: Mapping[str, Any], entities: Mapping[str, Entity]) -> list[Removal]:
    """What each list loses when `new` takes the place of `old`; `entities` are those of `new`."""
    names = {*old.get("option_lists", {}), *new.get("option_lists", {})}
    kept = {n for n in names if n in new.get("option_lists", {}) or n in option_lists()}
    # a list of the workspace's own that goes leaves no field behind: what fields lose is said by each of them below
    found = [_of_list(n, list_rows(old, n), list_rows(new, n), entities) for n in sorted(kept)]
    for object_name, rows in new.get("attributes", {}).items():
        before = {r["name"]: r for r in old.get("attributes", {}).get(object_name, ())}
        for row in rows:
            if row["type"] in CHOICES and object_name in entities:
                found.append(_of_field(object_name, row, before.get(row["name"]), old, new))
    return [r for r in found if r is not None]


def _of_list(name: str, before: Rows, after: Rows, entities: Mapping[str, Entity]) -> Removal | None:
    gone = gone_between(staying(before), after)
    if not gone:
        return None
    offering = [(e, a) for e in entities.values() for a in e.attributes.values() if a.option_list == name]
    label = str(offering[0][1].label) if offering else name
    fields = tuple((e.name, a.name) for e, a in offering)
    return Removal(None, name, label, gone, fields, staying(after), any(a.required for _e, a in offering))


def _of_field(
    object_name: str, row: Mapping[str, Any], was: Mapping[str, Any] | None, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Removal | None:  # fmt: skip
    after = offered_rows(new, row)
    if was is not None and row.get("option_list") and row.get("option_list") == was.get("option_list"):
        return None  # the list's own business
    before = staying(offered_rows(old, was)) if was is not None else _ever_offered(object_name, row["name"])
    gone = gone_between(before, after)
    if not gone:
        return None
    required = bool(row.get("required"))
    return Removal(
        object_name, row["name"], row["label"], gone, ((object_name, row["name"]),), staying(after), required
    )


def gone_between(before: Mapping[int, str], after: Rows) -> tuple[Gone, ...]:
    """Options of `before` that `after` does not have, with what its rows say takes their place."""
    there, said = staying(after), {r["value"]: r for r in after if r.get("removed")}
    return tuple(
        Gone(v, label, "replacement" in said.get(v, {}), said.get(v, {}).get("replacement"))
        for v, label in sorted(before.items())
        if v not in there
    )


def _ever_offered(object_name: str, name: str) -> dict[int, str]:
    """What a field that comes back has ever offered: records may still hold it."""
    having = {f"body__attributes__{object_name}__contains": [{"name": name}]}
    found: dict[int, str] = {}
    for body in Publication.objects.filter(**having).values_list("body", flat=True):
        for row in body["attributes"][object_name]:
            if row["name"] == name:
                found.update(staying(offered_rows(body, row)))
    return found


def decided(found: Iterable[Removal], replacements: Any) -> list[Removal]:
    """`found` with what a person says takes the place of each option: `{list: {value: option or None}}`.

    Raises Invalid `option.replacement` with the path.
    """
    found = list(found)
    if not isinstance(replacements, Mapping) or set(replacements) - {r.key for r in found}:
        raise Invalid("option.replacement", "Say what replaces each option.", field="replacements")
    return [_decided(r, replacements.get(r.key, {})) for r in found]


def _decided(removal: Removal, said: Any) -> Removal:
    path = f"replacements.{removal.key}"
    if not isinstance(said, Mapping) or set(said) - {str(g.value) for g in removal.gone}:
        raise Invalid("option.replacement", "This option is not deleted.", field=path)
    for value in said.values():
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value not in removal.staying
        ):
            raise Invalid("option.replacement", "Choose an option that stays.", field=path)
    for old, new in said.items():
        if new is not None and removal.groups.get(int(old)) != removal.groups.get(new):
            raise Invalid("option.replacement", "Choose a status reason of the same state.", field=path)
    gone = tuple(
        replace(g, decided=True, replacement=said[str(g.value)]) if str(g.value) in said else g
        for g in removal.gone
    )
    return replace(removal, gone=gone)
