"""States and their reasons as consumers meet them: options of the attribute, and of actions that ask for a reason (PLT-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crm_core.metadata.entity import Action, Entity, Option, Parameter, State

ATTRIBUTE = "status_reason"


def reason_options(states: Iterable[State]) -> tuple[Option, ...]:
    """The reasons of all states, each in its own colour or that of its state."""
    return tuple(Option(r.value, r.label, r.color or s.color, r.active) for s in states for r in s.reasons)


def with_states(entity: Entity, states: tuple[State, ...], former: tuple[Option, ...] = ()) -> Entity:
    """`entity` with these states; `former` are the reasons that were deleted."""
    attribute = replace(entity.attributes[ATTRIBUTE], options=reason_options(states), former_options=former)
    return replace(
        entity,
        states=states,
        attributes={**entity.attributes, ATTRIBUTE: attribute},
        actions={name: offering_reasons(action, states) for name, action in entity.actions.items()},
    )


def offering_reasons(action: Action, states: tuple[State, ...]) -> Action:
    """`action` with the reasons its parameters offer; where there is only one reason, nobody is asked for it."""
    if all(p.reasons_of is None for p in action.parameters):
        return action
    found = (_offering(p, states) for p in action.parameters)
    return replace(action, parameters=tuple(p for p in found if p is not None))


def _offering(parameter: Parameter, states: tuple[State, ...]) -> Parameter | None:
    state = next((s for s in states if s.value == parameter.reasons_of), None)
    if state is None:
        return parameter
    options = reason_options([state])
    if sum(o.active for o in options) < 2 and not parameter.required:
        return None
    return replace(parameter, options=options, default=state.default_reason if parameter.required else None)
