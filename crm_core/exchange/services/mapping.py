"""What each column becomes: guessed, changed by a person, checked, saved for the next file (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection

from crm_core.exchange import staging
from crm_core.exchange.analysis import dates
from crm_core.exchange.analysis.guessing import guess_columns, guess_options, unmatched
from crm_core.exchange.analysis.targets import RECORD_ID, STAGE_OR_STATE, Target, targets_of
from crm_core.exchange.models import Import, ImportMap
from crm_core.exchange.references import known_names, target_names
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.reference import as_uuid
from crm_core.security.actor import Actor

REFERENCES = ("lookup", "customer", "owner", "regarding")
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


def guess(import_: Import, actor: Actor) -> None:
    """Fill mapping and match rule of a freshly read file: from a saved map with the same headers, else by guessing."""
    import_.mapping = {
        "columns": {},
        "constants": {},
        "missing_customer": "error",
        "placeholder": PLACEHOLDER,
    }
    import_.match = dict(DEFAULT_MATCH)
    import_.state = "uploaded"
    if import_.object is None:
        return
    entity = registry.get(import_.object)
    import_.state = "mapped"
    guesses = guess_columns(entity, import_.columns, actor)
    targets = {t.name: t for t in targets_of(entity, actor)}
    for index, column in enumerate(import_.columns):
        found = guesses.get(index)
        column["guess"] = found
        if found:
            import_.mapping["columns"][str(index)] = _options(
                entity, targets[found["attribute"]], column, actor
            )
    if (saved := _saved_map(import_)) is not None:
        try:
            mapping = check_mapping(entity, import_, saved.mapping, actor)
            import_.mapping, import_.match = mapping, check_match(entity, saved.match, mapping)
        except Malformed:
            pass  # it names what is gone meanwhile, or what this person may not set: the guess stands
        else:
            return
    if RECORD_ID in {o["attribute"] for o in import_.mapping["columns"].values()}:
        import_.match.update(mode="update", keys=[RECORD_ID])


def _saved_map(import_: Import) -> ImportMap | None:
    headers = [c["header"] for c in import_.columns]
    return ImportMap.objects.filter(object=import_.object, headers=headers).order_by("-created_at").first()


def _options(entity: Entity, target: Target, column: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The mapping of one column to a target, with what the content says about format and values."""
    found: dict[str, Any] = {"attribute": target.name}
    if target.type in ("date", "datetime"):
        found["date_format"] = (column["date_formats"] or [None])[0]
    if column["decimal_comma"]:
        found["decimal_comma"] = True
    if target.type in REFERENCES:
        found["on_missing"] = "error"
    values = guess_values(entity, target, column, actor)
    if values:
        found["values"] = values
    return found


def guess_values(entity: Entity, target: Target, column: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Values of the column that only resemble an option or a record, mapped to it."""
    common = column["common"] or []
    if target.type in ("pick", STAGE_OR_STATE):
        labels = [o["label"] for o in target.options]
        guesses = guess_options(common, labels)
        return {
            value: target.options[g[0]]["value"]
            for value, g in zip(common, guesses, strict=True)
            if g is not None and value.strip().casefold() != labels[g[0]].casefold()
        }
    if target.type in REFERENCES and target.attribute is not None and common:
        return {
            value: name
            for value, (name, _score) in unmatched(common, target_names(target.attribute, actor)).items()
        }
    if target.name.endswith("country"):
        return {value: name for value, (name, _score) in unmatched(common, _countries()).items()}
    return {}


def _countries() -> list[str]:
    from babel import Locale

    return [name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()]


# checking what a person sends -------------------------------------------------------------------------------------------
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
        checked[str(int(key))] = _checked_column(targets, options, f"columns.{key}")
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


def _checked_column(targets: Mapping[str, Target], options: Any, path: str) -> dict[str, Any]:
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
        found["lookup_by"] = _lookup_by(targets[name], options["lookup_by"], path)
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


def _lookup_by(target: Target, raw: Any, path: str) -> str:
    allowed = {"name", "id", "external_key"}
    if target.attribute is not None and target.type in REFERENCES:
        for name in target.attribute.targets:
            found = registry.current().entities.get(name)
            allowed |= (
                {a.name for a in found.attributes.values() if a.type.name == "text" and not a.custom}
                if found
                else set()
            )
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


# the page of values -----------------------------------------------------------------------------------------------------
def distinct_values(import_: Import, column: int, actor: Actor, limit: int = 500) -> dict[str, Any]:
    """Distinct values of a column with counts, what each becomes now, and a guess for those that become nothing.

    Raises Malformed `import.column` for a column the file does not have.
    """
    if not 0 <= column < len(import_.columns):
        raise Malformed("import.column", "There is no such column.", field="column")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value, n, count(*) OVER () FROM (SELECT trim(coalesce(overrides ->> %s, cells ->> %s)) AS value, count(*) AS n"
            " FROM exchange_importrow WHERE import_id = %s GROUP BY 1) AS found WHERE value <> '' ORDER BY n DESC, value LIMIT %s",
            [str(column), column, import_.pk, limit],
        )
        rows = cursor.fetchall()
    options = import_.mapping.get("columns", {}).get(str(column))
    described = (
        _described(import_, options, [r[0] for r in rows], actor) if options and import_.object else {}
    )
    values = [
        {
            "value": value,
            "count": n,
            **described.get(value, {"target": None, "label": None, "known": False, "guess": None}),
        }
        for value, n, _ in rows
    ]
    return {
        "values": values,
        "distinct": rows[0][2] if rows else 0,
        "truncated": bool(rows) and rows[0][2] > len(rows),
    }


def _own_names(
    import_: Import, entity: Entity, target: Target, options: Mapping[str, Any], values: list[str]
) -> set[str]:
    """Which of the values name records that the file itself brings in, such as parents further down."""
    own = target.attribute is not None and entity.name in target.attribute.targets
    columns = import_.mapping.get("columns", {}).items()
    named = next((int(i) for i, o in columns if o["attribute"] == entity.primary), None)
    if not own or named is None or options.get("lookup_by") not in (None, "name") or not values:
        return set()
    found = staging.names_in_file(import_.pk, named, {v.strip().lower() for v in values})
    return {v for v in values if v.strip().lower() in found}


def _described(
    import_: Import, options: Mapping[str, Any], values: list[str], actor: Actor
) -> dict[str, dict[str, Any]]:
    entity = registry.get(import_.object or "")
    target = next((t for t in targets_of(entity, actor) if t.name == options["attribute"]), None)
    if target is None:
        return {}
    mapped = options.get("values") or {}
    found: dict[str, dict[str, Any]] = {}
    if target.options:
        labels = [o["label"] for o in target.options]
        for value, g in zip(values, guess_options(values, labels), strict=True):
            exact = g is not None and g[1] == 1.0
            chosen = mapped.get(value, target.options[g[0]]["value"] if g is not None and exact else None)
            label = next(
                (o["label"] for o in target.options if o["value"] == chosen),
                chosen if isinstance(chosen, str) else None,
            )
            hint = (
                {"target": target.options[g[0]]["value"], "label": labels[g[0]], "score": g[1]}
                if g is not None
                else None
            )
            found[value] = {
                "target": chosen,
                "label": label,
                "known": value in mapped or exact,
                "guess": hint,
            }
        return found
    if target.type in REFERENCES and target.attribute is not None:
        known = known_names(target.attribute, values, options.get("lookup_by"), actor)
        own = _own_names(import_, entity, target, options, [v for v in values if v not in known])
        hints = unmatched(
            [v for v in values if v not in known and v not in mapped and v not in own],
            target_names(target.attribute, actor),
        )
        for value in values:
            hint = (
                {"target": hints[value][0], "label": hints[value][0], "score": hints[value][1]}
                if value in hints
                else None
            )
            chosen = mapped.get(value, value if value in known or value in own else None)
            label = chosen if isinstance(chosen, str) and as_uuid(chosen) is None else None
            found[value] = {
                "target": chosen,
                "label": label,
                "known": value in mapped or value in known or value in own,
                "guess": hint,
                "in_file": value in own,
            }
        return found
    return {v: {"target": mapped.get(v, v), "label": None, "known": True, "guess": None} for v in values}
