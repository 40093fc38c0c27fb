"""Running named actions: the ones an entity declares and those every object has (CON-1, CON-4)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.entity import Action, Attribute, Entity, Parameter
from crm_core.metadata.errors import Conflict, Invalid, Malformed, NotFound, ValidationFailed
from crm_core.metadata.parameters import parameter_attribute
from crm_core.metadata.states import offering_reasons
from crm_core.records.change import Change
from crm_core.records.service import assigning, sharing
from crm_core.records.service.parsing import resolve_or_raise
from crm_core.records.service.writing import Written, finish_update, locked
from crm_core.security import access
from crm_core.security.actor import Actor


class ActionContext:
    """What an action's function works with; its updates are saved together, once, after it returns."""

    def __init__(self, entity: Entity, action: Action, actor: Actor, record: Any, values: dict[str, Any]):
        self.entity = entity
        self.action = action
        self.actor = actor
        self.record = record
        self.values = values
        if record is not None:  # an action of a whole object has no record to change
            self.change = Change(entity, actor, record, operation="update")

    def get(self, name: str) -> Any:
        """Current value of an attribute of the record."""
        return self.change.get(name)

    def update(self, **values: Any) -> None:
        """Set attributes (stored values), read-only ones included: an action may do what plain updates may not."""
        for name, value in values.items():
            self.change.set(name, value)

    def set_state(self, state: str, reason: int | None = None) -> None:
        """Move the record to `state`. Raises Invalid `status_reason.wrong_state`."""
        target = self.entity.state(state)
        reason = target.default_reason if reason is None else reason
        if reason not in {r.value for r in target.reasons}:
            raise Invalid(
                "status_reason.wrong_state",
                "This status reason belongs to another state.",
                field="status_reason",
            )
        self.change.set("state", state)
        self.change.set("status_reason", reason)

    def warn(self, code: str, message: Any) -> None:
        self.change.warn(code, message)


def _activate(context: ActionContext) -> None:
    if context.record.merged_into:
        raise Conflict("merge.is_subordinate", "This record was merged into another one.")
    context.set_state("active", context.values.get("status_reason"))


def _deactivate(context: ActionContext) -> None:
    context.set_state("inactive", context.values.get("status_reason"))


def _assign(context: ActionContext) -> None:
    assigning.set_owner(context.change, context.values["owner"])


def _share(context: ActionContext) -> None:
    names = context.values["rights"].split(",") if context.values.get("rights") else ["read"]
    context.change.options["job"] = sharing.share(context.entity, context.record.pk, context.values["principal"].id, [n.strip() for n in names], context.actor,
                  expires_at=context.values.get("expires_at"))  # fmt: skip


def _unshare(context: ActionContext) -> None:
    context.change.options["job"] = sharing.unshare(
        context.entity, context.record.pk, context.values["principal"].id, context.actor
    )


_OWNER = Parameter("owner", _("New owner"), "owner", required=True, targets=("user", "team"))
_PRINCIPAL = Parameter("principal", _("User or team"), "owner", required=True, targets=("user", "team"))
ASSIGN = Action(
    "assign", _("Assign"), _assign, privilege="assign", parameters=(_OWNER,), icon="user-share", bulk=True
)
SHARE = Action(
    "share", pgettext_lazy("action", "Share"), _share, privilege="share", icon="share",
    parameters=(_PRINCIPAL, Parameter("rights", _("Rights"), "text", default="read", max_length=100),
                Parameter("expires_at", _("Until"), "datetime")),
)  # fmt: skip
UNSHARE = Action(
    "unshare", _("Stop sharing"), _unshare, privilege="share", parameters=(_PRINCIPAL,), icon="share-off"
)
ACTIVATE = Action(
    "activate",
    _("Activate"),
    _activate,
    states=("inactive",),
    refusal="not_inactive",
    icon="player-play",
    bulk=True,
    parameters=(Parameter("status_reason", _("Status reason"), "pick", reasons_of="active"),),
)
DEACTIVATE = Action(
    "deactivate",
    _("Deactivate"),
    _deactivate,
    states=("active",),
    refusal="not_active",
    icon="player-pause",
    bulk=True,
    parameters=(Parameter("status_reason", _("Status reason"), "pick", reasons_of="inactive"),),
)


def actions_of(entity: Entity) -> dict[str, Action]:
    """All actions of `entity`: declared ones win over the kernel's of the same name."""
    found: dict[str, Action] = {}
    if {s.value for s in entity.states} == {"active", "inactive"} and entity.deletable:
        found.update(
            activate=offering_reasons(ACTIVATE, entity.states),
            deactivate=offering_reasons(DEACTIVATE, entity.states),
        )
    if entity.has_owner:
        found.update(assign=ASSIGN, share=SHARE, unshare=UNSHARE)
    found.update(entity.actions)
    return found


def allowed_actions(entity: Entity, state: str) -> list[str]:
    """Names of the record actions possible in `state`."""
    return [
        a.name
        for a in actions_of(entity).values()
        if a.scope == "record" and (not a.states or state in a.states)
    ]


def parse_parameters(action: Action, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Stored parameter values. Raises Malformed for unknown ones, ValidationFailed for wrong or missing ones."""
    if not isinstance(values, Mapping):
        raise Malformed("request.malformed", "Parameters are an object.")
    known = {p.name: p for p in action.parameters}
    if unknown := sorted(set(map(str, values)) - set(known)):
        raise Malformed("request.unknown_parameter", f"Unknown parameter “{unknown[0]}”.", field=unknown[0])
    attributes = {p.name: parameter_attribute(p) for p in action.parameters}
    parsed: dict[Attribute, Any] = {}
    errors: list[Invalid] = []
    for name, parameter in known.items():
        attribute = attributes[name]
        try:
            value = attribute.type.parse(attribute, values.get(name, parameter.default))
        except Invalid as error:
            errors.append(error)
            continue
        if value is None and parameter.required:
            errors.append(Invalid("value.required", f"{attribute.label} is needed.", field=name))
        parsed[attribute] = value
    if errors:
        raise ValidationFailed(errors)
    resolve_or_raise(parsed, actor)
    return {a.name: v for a, v in parsed.items()}


def _topic(change: Change, name: str) -> str:
    """What the event of an action is called: as everywhere when it changes state or owner."""
    if change.changed("state"):
        return "state_changed"
    return "assigned" if name == "assign" else name


@transaction.atomic
def run_action(
    entity: Entity,
    name: str,
    record_id: uuid.UUID | None,
    values: Mapping[str, Any],
    actor: Actor,
    *,
    version: int | None = None,
) -> tuple[Written | None, Any]:
    """Run the action `name` on a record (or on the collection when `record_id` is None); returns what was written and its result.

    Raises NotFound `action.unknown`, Conflict `<object>.<reason>` naming the state and what is allowed (CON-4).
    """
    action = actions_of(entity).get(name)
    if action is None or (action.scope == "record") == (record_id is None):
        raise NotFound("action.unknown", f"{entity.label_plural} have no action “{name}”.")
    access.require(entity, actor, action.privilege)
    parsed = parse_parameters(action, values, actor)
    if record_id is None:
        return None, action.run(ActionContext(entity, action, actor, None, parsed))
    record = locked(entity, record_id, actor, action.privilege, version=version)
    if action.states and record.state not in action.states:
        raise Conflict(
            action.refusal if "." in action.refusal else f"{entity.name}.{action.refusal}", f"“{action.label}” is not possible now.",
            details={"state": record.state, "allowed_actions": allowed_actions(entity, record.state)},
        )  # fmt: skip
    context = ActionContext(entity, action, actor, record, parsed)
    result = action.run(context)
    finish_update(context.change, operation=name, topic=_topic(context.change, name))
    followed = context.change.options.get("outcome")
    if result is None and followed is not None:
        result = followed.as_json()
    job = context.change.options.get("job")
    return Written(record.pk, record.version, context.change.warnings, context.change, job), result
