/** An object as the draft would make it, for previews before anything is published. */
import type { AttributeDefinition, ObjectDefinition } from '@/api/customization';
import type { Attribute, Entity } from '@/metadata';
import type { FieldRow } from '../fieldRows';
import { isComputed, valueType, type FieldKind } from '../types';

function attributeFrom(name: string, definition: AttributeDefinition): Attribute {
  return {
    name,
    label: definition.label ?? name,
    type: valueType(definition),
    required: definition.required ?? false,
    recommended: definition.recommended ?? false,
    read_only: isComputed((definition.type ?? 'text') as FieldKind),
    create_only: false,
    searchable: definition.searchable ?? false,
    filterable: true,
    sortable: true,
    custom: true,
    secured: false,
    max_length: definition.max_length ?? null,
    format: definition.format ?? null,
    precision: definition.precision ?? null,
    min: definition.min ?? null,
    max: definition.max ?? null,
    default: definition.default ?? null,
    help: definition.help ?? '',
    targets: definition.targets ?? [],
    options: (definition.options ?? []).map((option, index) => ({ value: option.value ?? index + 1, label: option.label, color: option.color, active: option.active !== false })),
    operators: [],
    aggregates: [],
    system: false,
  };
}

/** The published entity with the draft's fields: new ones added, changed ones changed, deleted ones gone. */
export function draftEntity(name: string, entity: Entity | undefined, object: ObjectDefinition, rows: FieldRow[]): Entity {
  const label = object.label ?? entity?.label ?? name;
  const byName = new Map(rows.map((row) => [row.name, row]));
  const kept = (entity?.attributes ?? [attributeFrom('name', { label: object.primary_label ?? 'Name', type: 'text', required: true })])
    .filter((attribute) => byName.get(attribute.name)?.draft !== 'deleted')
    .map((attribute) => {
      const row = byName.get(attribute.name);
      return row?.draft === 'changed' ? { ...attribute, ...attributeFrom(attribute.name, row.definition), operators: attribute.operators } : attribute;
    });
  const fresh = rows.filter((row) => row.draft === 'new').map((row) => attributeFrom(row.name, row.definition));
  return {
    ...(entity ?? {
      name,
      plural: name,
      label_plural: object.label_plural ?? label,
      custom: true,
      group: 'custom',
      ownership: object.ownership ?? 'user',
      primary_attribute: 'name',
      is_activity: false,
      features: object.features ?? [],
      states: [],
      relationships: [],
      actions: [],
      forms: { main: { tabs: [], related: [], header: [], path: null }, quick_create: [] },
      views: [],
      board: null,
      calendar: null,
      duplicates: [],
    }),
    label,
    icon: object.icon ?? entity?.icon ?? null,
    color: object.color ?? entity?.color ?? null,
    attributes: [...kept, ...fresh],
  };
}
