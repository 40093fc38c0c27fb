"""What each column becomes: guessed from headers and contents, or as it was saved for the same headers (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_core.exchange.analysis.guessing import guess_columns, guess_options, unmatched
from crm_core.exchange.analysis.targets import RECORD_ID, REFERENCES, STAGE_OR_STATE, Target, targets_of
from crm_core.exchange.models import Import, ImportMap
from crm_core.exchange.references import target_names
from crm_core.exchange.services.mapping_checks import DEFAULT_MATCH, PLACEHOLDER, check_mapping, check_match
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.security.actor import Actor


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
