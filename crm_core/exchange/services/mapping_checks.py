"""What a person says each column becomes and how rows are matched, checked before anything is kept (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_core.exchange.analysis import dates
from crm_core.exchange.analysis.targets import RECORD_ID, REFERENCES, Target, targets_of
from crm_core.exchange.models import Import
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.security import access
from crm_core.security.actor import Actor

COLUMN_KEYS = {"attribute", "date_format", "decimal_comma", "scale", "values", "lookup_by", "on_missing"}
MAPPING_KEYS = {"columns", "constants", "missing_customer", "placeholder"}
MATCH_KEYS = {"mode", "keys", "on_conflict", "duplicates", "clear_empty"}
ON_MISSING = ("error", "create", "empty")
MISSING_CUSTOMER = ("error", "placeholder", "lead")
MAX_VALUES = 5_000
DEFAULT_MATCH = {
    "mode": "create",
    "keys": [],
    "on_conflict": "overwrite",
    "duplicates": "skip",
    "clear_empty": False,
}
PLACEHOLDER = "Unknown customer"


def wrong(message: str, field: str) -> Malformed:
    return Malformed("import.mapping", message, field=f"mapping.{field}")


def check_mapping(entity: Entity, import_: Import, raw: Any, actor: Actor) -> dict[str, Any]:
    """The mapping with defaults filled in. Raises Malformed `import.mapping` with the path of what is wrong."""
    if not isinstance(raw, Mapping) or (unknown := set(raw) - MAPPING_KEYS):
        raise wrong(
            "columns, constants, missing_customer and placeholder can be set.",
            sorted(unknown)[0] if isinstance(raw, Mapping) else "",
        )
    targets = {t.name: t for t in targets_of(entity, actor)}
    columns = raw.get("columns") or {}
    if not isinstance(columns, Mapping):
        raise wrong("An object of column numbers is needed.", "columns")
    checked: dict[str, Any] = {}
    taken: dict[str, str] = {}
    for key, options in columns.items():
        if options is None:
            continue
        if not str(key).isdigit() or int(key) >= len(import_.columns):
            raise wrong("There is no such column.", f"columns.{str(key)[:20]}")
        checked[str(int(key))] = _checked_column(targets, options, f"columns.{key}", actor)
        name = options["attribute"]
        if name in taken:
            raise wrong("Two columns are mapped to the same attribute.", f"columns.{key}.attribute")
        taken[name] = key
    missing = raw.get("missing_customer", "error")
    if missing not in MISSING_CUSTOMER:
        raise wrong("error, placeholder or lead.", "missing_customer")
    placeholder = raw.get("placeholder") or PLACEHOLDER
    if not isinstance(placeholder, str) or len(placeholder) > 160 or "\x00" in placeholder:
        raise wrong("A name of at most 160 characters is needed.", "placeholder")
    return {
        "columns": checked, "constants": _checked_constants(targets, raw.get("constants") or {}), "missing_customer": missing,
        "placeholder": placeholder,
    }  # fmt: skip


def _checked_column(targets: Mapping[str, Target], options: Any, path: str, actor: Actor) -> dict[str, Any]:
    if not isinstance(options, Mapping) or (unknown := set(options) - COLUMN_KEYS):
        raise wrong(
            "Unknown option.", f"{path}.{sorted(unknown)[0]}" if isinstance(options, Mapping) else path
        )
    name = options.get("attribute")
    if not isinstance(name, str) or name not in targets:
        raise Malformed(
            "attribute.unknown",
            "There is no such attribute to import into.",
            field=f"mapping.{path}.attribute",
        )
    found: dict[str, Any] = {"attribute": name}
    if options.get("date_format") is not None:
        if not isinstance(options["date_format"], str) or len(options["date_format"]) > 40:
            raise wrong("A format such as %d.%m.%Y is needed.", f"{path}.date_format")
        dates.reader(options["date_format"])
        found["date_format"] = options["date_format"]
    if options.get("decimal_comma"):
        found["decimal_comma"] = True
    if options.get("scale") is not None:
        found["scale"] = _scale(options["scale"], path)
    if options.get("values"):
        found["values"] = _values(options["values"], path)
    if options.get("lookup_by") is not None:
        found["lookup_by"] = _lookup_by(targets[name], options["lookup_by"], path, actor)
    if options.get("on_missing") is not None:
        if options["on_missing"] not in ON_MISSING:
            raise wrong("error, create or empty.", f"{path}.on_missing")
        found["on_missing"] = options["on_missing"]
    return found


def _scale(raw: Any, path: str) -> str:
    try:
        scale = (
            Decimal(str(raw)) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else None
        )
    except InvalidOperation:
        scale = None
    if scale is None or not scale.is_finite() or not 0 < scale <= 10**12:
        raise wrong("A factor such as 1000000 is needed.", f"{path}.scale")
    return str(scale)


def _values(raw: Any, path: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or len(raw) > MAX_VALUES:
        raise wrong(f"At most {MAX_VALUES} values are mapped.", f"{path}.values")
    for key, value in raw.items():
        if (
            not isinstance(value, str | int | dict | list | None)
            or "\x00" in key
            or (isinstance(value, str) and "\x00" in value)
        ):
            raise wrong("Values are mapped to texts, options or records.", f"{path}.values")
    return dict(raw)


def _lookup_by(target: Target, raw: Any, path: str, actor: Actor) -> str:
    allowed = {"name", "id", "external_key"}
    known = registry.current().entities
    if target.attribute is not None and target.type in REFERENCES:
        for found in (known[name] for name in target.attribute.targets if name in known):
            texts = [a for a in found.attributes.values() if a.type.name == "text" and not a.custom]
            allowed |= {a.name for a in texts}
            if (wanted := next((a for a in texts if a.name == raw), None)) is not None:
                access.require_readable(found, wanted, actor)
    if raw not in allowed:
        raise wrong("There is no such attribute to find records by.", f"{path}.lookup_by")
    return raw


def _checked_constants(targets: Mapping[str, Target], raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise wrong("An object of attributes and values is needed.", "constants")
    for name, value in raw.items():
        if name not in targets or name == RECORD_ID:
            raise Malformed(
                "attribute.unknown",
                "There is no such attribute to import into.",
                field=f"mapping.constants.{str(name)[:60]}",
            )
        attribute = targets[name].attribute
        if attribute is not None and value is not None and not _is_template(value):
            try:
                attribute.type.parse(attribute, value)
            except Exception as error:
                if not hasattr(error, "code"):
                    raise
                raise Malformed(error.code, str(error), field=f"mapping.constants.{name}") from None
    return {k: v for k, v in raw.items() if v is not None}


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "{" in value


def check_match(entity: Entity, raw: Any, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The match rule with defaults. Raises Malformed `import.match`."""

    def bad(message: str, field: str) -> Malformed:
        return Malformed("import.match", message, field=f"match.{field}")

    if not isinstance(raw, Mapping) or (unknown := set(raw) - MATCH_KEYS):
        raise bad(
            "mode, keys, on_conflict, duplicates and clear_empty can be set.",
            sorted(unknown)[0] if isinstance(raw, Mapping) else "",
        )
    found = {**DEFAULT_MATCH, **raw}
    for name, allowed in (
        ("mode", ("create", "update", "both")),
        ("on_conflict", ("overwrite", "fill_empty", "keep")),
        ("duplicates", ("create", "skip")),
    ):
        if found[name] not in allowed:
            raise bad(", ".join(allowed), name)
    if not isinstance(found["clear_empty"], bool):
        raise bad("true or false", "clear_empty")
    mapped = {o["attribute"] for o in mapping["columns"].values()}
    keys = found["keys"]
    if not isinstance(keys, list) or any(not isinstance(k, str) for k in keys) or len(keys) > 5:
        raise bad("A list of at most five attributes is needed.", "keys")
    for key in keys:
        if key not in mapped or (key != RECORD_ID and not _can_match(entity, key)):
            raise bad(
                f"“{key}” cannot be matched by: it is not mapped, or not text, number or reference.", "keys"
            )
    if found["mode"] != "create" and not keys:
        raise bad("Say which attributes tell that a row is a record that exists.", "keys")
    return found


def _can_match(entity: Entity, name: str) -> bool:
    attribute = entity.attributes.get(name)
    return (
        attribute is not None
        and not attribute.custom
        and attribute.type.name in ("text", "auto", "int", "lookup", "customer")
    )
