"""What a block of rows would do: convert, find references, match, look for duplicates. Used by the check and by the run.

A planner is made per step of a job; everything it needs to know of other rows is in the database, so that any worker
can go on where another stopped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_core.exchange import staging
from crm_core.exchange.analysis.targets import RECORD_ID, STAGE_OR_STATE, VERSION, words
from crm_core.exchange.conversion import Converter, Unusable, converter_for, split_name, with_reason
from crm_core.exchange.matching import Matcher
from crm_core.exchange.models import Import
from crm_core.exchange.naming import can_create_by_name, create_by_name
from crm_core.exchange.planned import PlannedRow
from crm_core.exchange.references import Ambiguous, Finder, Missing, targets
from crm_core.exchange.staging import StagedRow
from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records.query import Query
from crm_core.security.actor import Actor

_MOST_IDS = 1000
_PLACE = re.compile(r"\{([^{}]{1,200})\}")


@dataclass
class _ReferenceColumn:
    index: int
    attribute: Attribute
    finder: Finder
    on_missing: str
    own: bool  # refers to the object being imported: the record may stand further down in the file


class Planner:
    """Plans blocks of rows of one import. `dry` creates nothing: records to be created by name stay unnamed."""

    def __init__(self, import_: Import, actor: Actor, *, dry: bool):
        self.import_ = import_
        self.actor = actor
        self.dry = dry
        self.entity = registry.get(import_.object or "")
        self.converters: list[Converter] = []
        self.references: list[_ReferenceColumn] = []
        self.to_create: dict[str, set[str]] = {}
        self.name_column: int | None = None
        self._id_column: int | None = None
        self._version_column: int | None = None
        self._full_name: int | None = None
        for key, options in sorted(import_.mapping.get("columns", {}).items(), key=lambda item: int(item[0])):
            self._add_column(int(key), options)
        constants = import_.mapping.get("constants", {})
        self.constants = {n: v for n, v in constants.items() if not (isinstance(v, str) and _PLACE.search(v))}
        self.templates = {n: v for n, v in constants.items() if n not in self.constants}
        self.headers = {words(c["header"]): i for i, c in enumerate(import_.columns)}
        self.customer = _required_customer(self.entity, import_)
        self.matcher = Matcher(self.entity, import_, actor)

    def _add_column(self, index: int, options: Mapping[str, Any]) -> None:
        name = options["attribute"]
        if name not in self.entity.attributes and name not in (RECORD_ID, VERSION, STAGE_OR_STATE):
            former = self.import_.columns[index]["header"] if index < len(self.import_.columns) else name
            raise Invalid(
                "import.field_gone",
                f"The field that “{former}” goes into is gone. Map the column anew, or leave it out.",
                field=f"mapping.columns.{index}",
            )
        if name == RECORD_ID:
            self._id_column = index
        elif name == VERSION:
            self._version_column = index
        elif name == "full_name" and self.entity.attributes["full_name"].read_only:
            self._full_name = index
        elif (converter := converter_for(self.entity, index, options, self.actor)) is not None:
            self.converters.append(converter)
            if name == self.entity.primary:
                self.name_column = index
        else:
            attribute = self.entity.attributes[name]
            finder = Finder(attribute, self.actor, options.get("lookup_by"), options.get("values") or {})
            own = self.entity.name in attribute.targets and options.get("lookup_by") in (None, "name")
            self.references.append(
                _ReferenceColumn(index, attribute, finder, options.get("on_missing") or "error", own)
            )

    # one block -------------------------------------------------------------------------------------------------------------
    def plan(self, rows: Sequence[StagedRow]) -> list[PlannedRow]:
        """The plan of a block of rows, in the file's order."""
        planned = [self._convert(row) for row in rows]
        self._refer(rows, planned)
        for row, plan in zip(rows, planned, strict=True):
            self._complete(row, plan)
        self.matcher.match(planned)
        return planned

    def _convert(self, row: StagedRow) -> PlannedRow:
        plan = PlannedRow(row.number, object=self.entity.name)
        for problem in row.problems:
            plan.fail(problem["code"], problem["message"], self._attribute_at(problem["column"]))
        cells = row.cells
        if self._full_name is not None and (text := cells[self._full_name].strip()):
            plan.values.update(split_name(text))
        for converter in self.converters:
            text = cells[converter.index].strip()
            if not text:
                continue
            try:
                value = converter.value(text)
            except Unusable as error:
                plan.fail(error.code, error.message, converter.name)
                continue
            if converter.name == STAGE_OR_STATE:
                plan.values.update(value or {})
            elif value is not None:
                plan.values[converter.name] = value
        if self._id_column is not None and (text := cells[self._id_column].strip()):
            plan.values[RECORD_ID] = as_uuid(text)
            if plan.values[RECORD_ID] is None:
                plan.fail("value.not_an_id", "The record id is no UUID.", RECORD_ID)
        if self._version_column is not None and (text := cells[self._version_column].strip()).isdigit():
            plan.version = int(text)
        return plan

    def _attribute_at(self, column: int | None) -> str | None:
        return (
            None if column is None else self.import_.mapping["columns"].get(str(column), {}).get("attribute")
        )

    def _refer(self, rows: Sequence[StagedRow], planned: Sequence[PlannedRow]) -> None:
        exported = self._exported(planned)
        for column in self.references:
            texts = [row.cells[column.index].strip() for row in rows]
            for n, plan in enumerate(planned):
                if exported.get(str(plan.values.get(RECORD_ID)), {}).get(column.attribute.name) == texts[n]:
                    texts[n] = ""  # as it was exported: it refers to whom it does, however many are called so
            column.finder.prepare({t for t in texts if t})
            in_file = self._in_file(column, texts)
            self._create_missing(column, texts, in_file)
            name = column.attribute.name
            for text, plan in zip(texts, planned, strict=True):
                if not text:
                    continue
                found = column.finder.find(text)
                if isinstance(found, Reference):
                    plan.values[name] = found
                elif isinstance(found, Ambiguous):
                    plan.fail(
                        "lookup.ambiguous",
                        f"{column.attribute.label}: several records are called “{text[:80]}”.",
                        name,
                    )
                elif isinstance(found, Missing):
                    self._missing(column, plan, found.text, in_file)

    def _exported(self, planned: Sequence[PlannedRow]) -> dict[str, dict[str, str]]:
        """The names an exported sheet shows for the references of its records, by record id and attribute (PLT-45.3)."""
        ids = [str(i) for p in planned if p.version is not None and (i := p.values.get(RECORD_ID))]
        names = [column.attribute.name for column in self.references]
        if not ids or not names:
            return {}
        shown: dict[str, dict[str, str]] = {}
        query = Query(self.entity, self.actor)
        for start in range(0, len(ids), _MOST_IDS):
            tree = {"attribute": "id", "operator": "in", "value": ids[start : start + _MOST_IDS]}
            for row in query.filter(tree).page(names, limit=_MOST_IDS).rows:
                given = {n: row[n] for n in names if row.get(n)}
                shown[row["id"]] = {n: str(v.get("name") or v["id"]).strip() for n, v in given.items()}
        return shown

    def _missing(self, column: _ReferenceColumn, plan: PlannedRow, text: str, in_file: set[str]) -> None:
        name = column.attribute.name
        creatable = self._creatable(column)
        if text.strip().lower() in in_file:
            plan.pending[name] = text
        elif column.on_missing == "error" or (column.on_missing == "create" and creatable is None):
            plan.fail(
                "lookup.does_not_exist", f"{column.attribute.label}: there is no record “{text[:80]}”.", name
            )
        elif column.on_missing == "create" and creatable is not None:
            self.to_create.setdefault(creatable.name, set()).add(text.strip().lower())
            plan.expected.add(name)

    def _in_file(self, column: _ReferenceColumn, texts: Sequence[str]) -> set[str]:
        """Names among the missing ones that the file itself brings in."""
        if not column.own or self.name_column is None:
            return set()
        missing = {
            f.text.strip().lower() for t in texts if t and isinstance(f := column.finder.find(t), Missing)
        }
        return staging.names_in_file(self.import_.pk, self.name_column, missing) if missing else set()

    def _creatable(self, column: _ReferenceColumn) -> Entity | None:
        return next((e for e in targets(column.attribute) if can_create_by_name(e, self.actor)), None)

    def _create_missing(self, column: _ReferenceColumn, texts: Sequence[str], in_file: set[str]) -> None:
        """Create records for names nobody has, once per name, when the person chose so. Nothing in a dry run."""
        if self.dry or column.on_missing != "create" or (entity := self._creatable(column)) is None:
            return
        missing: dict[str, str] = {}
        for text in texts:
            if text and isinstance(found := column.finder.find(text), Missing):
                missing.setdefault(found.text.strip().lower(), found.text.strip())
        names = [name for key, name in missing.items() if key not in in_file]
        if not names:
            return
        for name, reference in create_by_name(entity, names, self.import_, self.actor).items():
            for text in texts:
                if (
                    text
                    and isinstance(f := column.finder.find(text), Missing)
                    and f.text.strip().lower() == name.lower()
                ):
                    column.finder.learn(text, reference)

    def _complete(self, row: StagedRow, plan: PlannedRow) -> None:
        """Constants, templates, and what happens to a row without customer."""
        for name, value in self.constants.items():
            if name == STAGE_OR_STATE:
                if "state" not in plan.values and not set(value) & set(plan.values):
                    plan.values.update(with_reason(self.entity, value))
            else:
                plan.values.setdefault(name, value)
        for name, template in self.templates.items():
            if name not in plan.values and (text := self._filled(template, row)):
                plan.values[name] = text
        known = {*plan.values, *plan.pending, *plan.expected}
        if self.customer and self.customer not in known and not plan.errors:
            self._without_customer(self.customer, row, plan)

    def _filled(self, template: str, row: StagedRow) -> str:
        def cell(match: re.Match[str]) -> str:
            index = self.headers.get(words(match.group(1)))
            return row.cells[index].strip() if index is not None else ""

        return " ".join(_PLACE.sub(cell, template).split()).strip(" -–,;:/")

    def _without_customer(self, customer: str, row: StagedRow, plan: PlannedRow) -> None:
        choice = self.import_.mapping.get("missing_customer", "error")
        if choice == "placeholder":
            if (reference := self._placeholder(customer)) is not None:
                plan.values[customer] = reference
            else:
                plan.expected.add(customer)
        elif choice == "lead" and "lead" in registry.current().entities:
            self._as_lead(row, plan)

    def _placeholder(self, customer: str) -> Reference | None:
        """The account that stands for "unknown"; created by the run when it is first needed."""
        attribute = self.entity.attributes[customer]
        name = self.import_.mapping.get("placeholder") or "Unknown customer"
        if not hasattr(self, "_placeholder_finder"):
            self._placeholder_finder = Finder(attribute, self.actor)
            self._placeholder_finder.prepare([name])
        found = self._placeholder_finder.find(name)
        if isinstance(found, Reference):
            return found
        if self.dry:
            self.to_create.setdefault("account", set()).add(name.lower())
            return None
        reference = create_by_name(targets(attribute)[0], [name], self.import_, self.actor)[name]
        self._placeholder_finder.learn(name, reference)
        return reference

    def _as_lead(self, row: StagedRow, plan: PlannedRow) -> None:
        """Keep the row as a lead: topic, owner, value and dates as far as a lead has them, the rest as its description."""
        lead = registry.get("lead")
        old, plan.object = plan.values, "lead"
        columns = self.import_.columns
        used = {c.index for c in self.converters} | {c.index for c in self.references}
        lines = [
            f"{columns[i]['header']}: {row.cells[i].strip()}" for i in sorted(used) if row.cells[i].strip()
        ]
        plan.values = {
            n: v
            for n, v in old.items()
            if n in ("owner", "source", "rating", "topic", "external_key", "currency")
            and n in lead.attributes
        }
        number = next((str(old[n]) for n in old if n.endswith("_number")), "")
        plan.values.setdefault(
            "topic", " ".join(str(v) for v in (number,) if v) or f"{self.entity.label} {row.number}"
        )
        plan.values["company_name"] = self.import_.mapping.get("placeholder") or "Unknown customer"
        value = old.get("estimated_revenue") or old.get("actual_revenue")
        if value is not None and "estimated_value" in lead.attributes:
            plan.values["estimated_value"] = value
        plan.values["description"] = "\n".join(lines)


def _required_customer(entity: Entity, import_: Import) -> str | None:
    """The name of the object's customer attribute when a record cannot do without one."""
    found = next((a for a in entity.attributes.values() if a.type.name == "customer"), None)
    choice = import_.mapping.get("missing_customer", "error")
    return (
        found.name
        if found is not None and (found.required or choice != "error") and entity.name != "contact"
        else None
    )
