"""The reasons under an object's states as a workspace wants them; the states themselves are fixed (PLT-5).

A body has a document per object under `reasons`, called `status_reason` like the attribute it is about. Its rows are those of
an option list that also say their `state` and which of a state's reasons is the `default`. Without a document the reasons
are as delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_core.metadata.customization import definitions, option_removal
from crm_core.metadata.customization.attributes import offered, options_of
from crm_core.metadata.customization.draft import published
from crm_core.metadata.declaration import ACTIVE_INACTIVE, declared
from crm_core.metadata.entity import Entity, Reason, State
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.labels import TenantLabel, with_delivered
from crm_core.metadata.models import Publication
from crm_core.metadata.states import ATTRIBUTE, with_states

PART = "reasons"
#: numbers of a workspace's own reasons start above those of the product, which may get more
FIRST_OWN = 101
#: people and their places: rules of the product set their state and reason themselves
_PLACES = frozenset({"user", "team", "business_unit", "role"})
Rows = list[dict[str, Any]]
Body = Mapping[str, Any]


def delivered_states(object_name: str) -> tuple[State, ...]:
    """The states of an object as delivered; those of a custom object are active and inactive."""
    entity = declared().get(object_name)
    return ACTIVE_INACTIVE if entity is None else entity.states


def refuse_fixed_states(entity: Entity) -> None:
    """Raises Conflict `status_reason.object_fixed` for objects whose reasons nobody chooses."""
    if entity.internal or entity.name in _PLACES or not entity.states:
        raise Conflict(
            "status_reason.object_fixed", f"The status reasons of {entity.label_plural} are fixed."
        )


def reason_rows(body: Body, object_name: str) -> Rows:
    """All rows of an object's reasons in `body`, deleted ones in it, those of the product that it does not know at their end."""
    rows = [*body.get(PART, {}).get(object_name, {}).get(ATTRIBUTE, {}).get("options", ())]
    known = {r["value"] for r in rows}
    return rows + [
        {"value": r.value, "label": str(r.label), "color": r.color or s.color, "state": s.value,
         "default": not known and r.value == s.default_reason}
        for s in delivered_states(object_name) for r in s.reasons if r.value not in known
    ]  # fmt: skip


# becoming entities ---------------------------------------------------------------------------------------------------
def with_reasons(entity: Entity, document: Mapping[str, Any] | None) -> Entity:
    """`entity` with the reasons of its states, as delivered where there is no document."""
    rows = (document or {}).get("options") or []
    if not rows:
        return with_states(entity, entity.states)
    known = {r["value"] for r in rows}
    states = tuple(
        replace(
            state,
            reasons=(
                *_reasons(row for row in rows if row.get("state") == state.value),
                *(replace(r, default=False) for r in state.reasons if r.value not in known),
            ),
        )
        for state in entity.states
    )
    return with_states(entity, states, offered(options_of(rows))["former_options"])


def _reasons(rows: Iterable[Mapping[str, Any]]) -> Iterable[Reason]:
    for row in rows:
        if not row.get("removed"):
            label = TenantLabel(row["label"], row.get("labels"))
            yield Reason(
                row["value"], label, bool(row.get("default")), color=row.get("color"), active=row.get("active", True)
            )  # fmt: skip


# in the draft --------------------------------------------------------------------------------------------------------
def changed_reasons(body: Body, entity: Entity, definition: dict[str, Any]) -> dict[str, Any]:
    """The document a change leads to: reasons it leaves out are deleted.

    Raises what `checked_reasons` raises, Conflict `option.in_use` while records have a reason that goes.
    """
    definitions.only_keys(definition, {"options", "replacements"})
    before = reason_rows(body, entity.name)
    now = option_removal.staying(reason_rows(published()[1], entity.name))
    given = definition.get("options", [r for r in before if not r.get("removed")])
    rows = option_removal.with_removed(before, given, definition.get("replacements") or {}, now)
    return checked_reasons(entity, rows, before)


def checked_reasons(entity: Entity, rows: Any, before: Rows) -> dict[str, Any]:
    """A document of `rows`; `before` says which state each reason that is there already belongs to.

    Raises Invalid with the field, Conflict `status_reason.fixed`, `status_reason.object_fixed`.
    """
    refuse_fixed_states(entity)
    belongs = {r["value"]: r["state"] for r in before}
    cleaned = definitions.checked_options(_prepared(entity, rows, belongs))
    delivered = {r.value: r.label for s in delivered_states(entity.name) for r in s.reasons}
    found = []
    for index, (row, given) in enumerate(zip(cleaned, rows, strict=True)):
        labels = [delivered[row["value"]]] if row["value"] in delivered else []
        row["labels"] = with_delivered(row["label"], row["labels"], labels)
        state = given.get("state", belongs.get(row["value"]))
        if state not in {s.value for s in entity.states} or state != belongs.get(row["value"], state):
            raise Invalid(
                "status_reason.state",
                "A status reason stays under its state.",
                field=f"options.{index}.state",
            )
        found.append({**row, "state": state, "default": given.get("default") is True})
    _refuse_other_states(found)
    _refuse_fixed(entity, found)
    for state in entity.states:
        _default(state, [r for r in found if r["state"] == state.value and not r.get("removed")])
    return {"label": str(entity.attributes[ATTRIBUTE].label), "options": found}


def _prepared(entity: Entity, rows: Any, belongs: Mapping[int, str]) -> Any:
    """Rows with the number of new ones, and with the colour of their state where none is said."""
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        return rows
    taken = [v for v in (*belongs, *(r.get("value") for r in rows)) if isinstance(v, int)]
    following = max(max(taken, default=0) + 1, FIRST_OWN)
    colors = {s.value: s.color for s in entity.states}
    found = []
    for row in rows:
        value = row.get("value")
        if value is None:
            value, following = following, following + 1
        state = row.get("state", belongs.get(value) if isinstance(value, int) else None)
        color = row.get("color") or (colors.get(state) if isinstance(state, str) else None)
        found.append({**row, "value": value, "color": color})
    return found


def _refuse_other_states(rows: Rows) -> None:
    """What takes the place of a reason is one of the same state. Raises Invalid `option.replacement`."""
    state = {r["value"]: r["state"] for r in rows}
    for row in rows:
        if row.get("replacement") is not None and state[row["replacement"]] != row["state"]:
            raise Invalid(
                "option.replacement", "Choose a status reason of the same state.", field=f"replacements.{row['value']}"
            )  # fmt: skip


def _refuse_fixed(entity: Entity, rows: Rows) -> None:
    there = option_removal.staying(rows)
    gone = [v for v in fixed_reasons(entity.name) if v not in there]
    if gone:
        labels = {r.value: str(r.label) for s in delivered_states(entity.name) for r in s.reasons}
        named = ", ".join(labels[v] for v in gone)
        raise Conflict(
            "status_reason.fixed",
            f"The product itself works with {named}: rename or retire it, it cannot be deleted.",
            field="options",
            details={"options": gone},
        )


def fixed_reasons(object_name: str) -> list[int]:
    """Reasons that rules of the product name."""
    return [r.value for s in delivered_states(object_name) for r in s.reasons if r.fixed]


def _default(state: State, rows: Rows) -> None:
    """Each state has one default among its active reasons. Raises Invalid `status_reason.needed`, `status_reason.default`."""
    active = [r for r in rows if r["active"]]
    if not active:
        raise Invalid(
            "status_reason.needed", f"{state.label} needs a status reason one can choose.", field="options",
            details={"state": state.value},
        )  # fmt: skip
    chosen = [r for r in rows if r["default"]]
    if len(chosen) > 1 or (chosen and not chosen[0]["active"]):
        raise Invalid(
            "status_reason.default", f"{state.label} has one default among the reasons one can choose.", field="options",
            details={"state": state.value},
        )  # fmt: skip
    if not chosen:
        active[0]["default"] = True


# between two bodies --------------------------------------------------------------------------------------------------
def removals(old: Body, new: Body, entities: Mapping[str, Entity]) -> list[option_removal.Removal]:
    """The reasons each object loses when `new` takes the place of `old`; `entities` are those of `new`."""
    names = {
        *old.get(PART, {}),
        *new.get(PART, {}),
        *(set(new.get("objects", {})) - set(old.get("objects", {}))),
    }
    found = (_removal(old, new, entities[name]) for name in sorted(names) if name in entities)
    return [r for r in found if r is not None]


def whole(body: Body, entity: Entity) -> option_removal.Removal:
    """An object's reasons as if all of them went, to ask who has which."""
    rows = reason_rows(body, entity.name)
    return _of(entity, option_removal.staying(rows), [], rows)


def _removal(old: Body, new: Body, entity: Entity) -> option_removal.Removal | None:
    after = reason_rows(new, entity.name)
    before = reason_rows(old, entity.name)
    if entity.custom and entity.name not in old.get("objects", {}):
        before = _ever(entity.name)  # an object that comes back, its records with it
    found = _of(entity, option_removal.staying(before), after, [*before, *after])
    return found if found.gone else None


def _of(entity: Entity, before: Mapping[int, str], after: Rows, all_rows: Rows) -> option_removal.Removal:
    return option_removal.Removal(
        entity.name, ATTRIBUTE, str(entity.attributes[ATTRIBUTE].label), option_removal.gone_between(before, after),
        ((entity.name, ATTRIBUTE),), option_removal.staying(after), required=True,
        groups={r["value"]: r["state"] for r in all_rows},
    )  # fmt: skip


def _ever(object_name: str) -> Rows:
    """Every reason an object has ever had: records may still have it."""
    having = {f"body__{PART}__{object_name}__isnull": False}
    bodies = Publication.objects.filter(**having).values_list("body", flat=True)
    return [row for body in bodies for row in reason_rows(body, object_name)]
