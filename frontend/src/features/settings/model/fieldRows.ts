/** Fields of an object as they are published, with what the draft changes. */
import type { AttributeDefinition, Change, OverrideDefinition } from '@/api/customization';
import type { Attribute, Entity } from '@/metadata';
import { editableOptions } from './options';
import type { FieldKind } from './types';

export type DraftKind = 'new' | 'changed' | 'deleted' | null;

export interface FieldRow {
  name: string;
  label: string;
  type: FieldKind;
  custom: boolean;
  required: boolean;
  recommended: boolean;
  unique: boolean;
  searchable: boolean;
  readOnly: boolean;
  secured: boolean;
  system: boolean;
  draft: DraftKind;
  /** What this workspace changed of a delivered field, as of the draft. */
  override?: OverrideDefinition;
  /** What to edit: the definition of the field as of the draft. */
  definition: AttributeDefinition;
}

/** A published attribute in the shape of a definition. */
export function definitionOf(attribute: Attribute & { unique?: boolean }): AttributeDefinition {
  return {
    label: attribute.label,
    type: attribute.type,
    help: attribute.help || '',
    required: attribute.required,
    recommended: attribute.recommended,
    unique: attribute.unique ?? false,
    searchable: attribute.searchable,
    max_length: attribute.max_length,
    format: attribute.format,
    precision: attribute.precision,
    min: attribute.min,
    max: attribute.max,
    options: attribute.options.map(({ value, label, color, active }) => ({ value, label, color, active })),
    targets: attribute.targets,
    option_list: attribute.option_list ?? undefined,
    default: attribute.default,
  };
}

function rowOf(name: string, custom: boolean, definition: AttributeDefinition, draft: DraftKind, more: Partial<FieldRow> = {}): FieldRow {
  return {
    name,
    label: definition.label ?? name,
    type: (definition.type ?? 'text') as FieldKind,
    custom,
    required: definition.required ?? false,
    recommended: definition.recommended ?? false,
    unique: definition.unique ?? false,
    searchable: definition.searchable ?? false,
    readOnly: false,
    secured: false,
    system: false,
    draft,
    definition,
    ...more,
  };
}

/** A delivered field with what this workspace made of it. */
function standardRow(attribute: Attribute, change: Change | undefined, published: OverrideDefinition | undefined): FieldRow {
  const drafted = change?.operation === 'update' ? (change.definition as OverrideDefinition) : undefined;
  const { label, help, required, recommended } = drafted ?? {};
  const definition = { ...definitionOf(attribute), ...(label == null ? {} : { label }), ...(help == null ? {} : { help }), ...(required == null ? {} : { required }), ...(recommended == null ? {} : { recommended }) };
  const override = change?.operation === 'delete' ? undefined : (drafted ?? published);
  return rowOf(attribute.name, false, definition, change ? 'changed' : null, { readOnly: attribute.read_only, secured: attribute.secured, system: attribute.system, override });
}

/** All rows, `stored` being the published definitions: own fields first, then those of the product, each in its order. */
export function fieldRows(entity: Entity | undefined, object: string, changes: Change[], stored: (AttributeDefinition & { name: string })[] = [], overrides: Record<string, OverrideDefinition> = {}): FieldRow[] {
  const own = changes.filter((change) => change.kind === 'attribute' && change.object === object);
  const changed = changes.filter((change) => change.kind === 'override' && change.object === object);
  const published = (entity?.attributes ?? []).filter((attribute) => !attribute.moment_of).map((attribute) => {
    if (!attribute.custom) {
      const row = standardRow(attribute, changed.findLast((entry) => entry.name === attribute.name), overrides[attribute.name]);
      const reasons = changes.some((change) => change.kind === 'reasons' && change.object === object && change.name === attribute.name);
      return reasons ? { ...row, draft: 'changed' as const } : row;
    }
    const change = own.findLast((entry) => entry.name === attribute.name);
    const draft: DraftKind = !change ? null : change.operation === 'delete' ? 'deleted' : 'changed';
    const kept = stored.find((entry) => entry.name === attribute.name);
    const definition = { ...definitionOf(attribute), ...kept, ...(draft === 'changed' ? (change!.definition as AttributeDefinition) : {}) };
    if (kept?.options) definition.options = editableOptions(definition.options, kept.options);
    return rowOf(attribute.name, attribute.custom, definition, draft, { readOnly: attribute.read_only, secured: attribute.secured });
  });
  const names = new Set(published.map((row) => row.name));
  const fresh = new Map<string, FieldRow>();
  for (const change of own) {
    if (!change.name || names.has(change.name)) continue;
    if (change.operation === 'delete') fresh.delete(change.name);
    else fresh.set(change.name, rowOf(change.name, true, { ...fresh.get(change.name)?.definition, ...(change.definition as AttributeDefinition) }, 'new'));
  }
  const rows = [...fresh.values(), ...published];
  return [...rows.filter((row) => row.custom), ...rows.filter((row) => !row.custom)];
}
