/** What the columns of a file become, and what is still wrong with that. */
import type { ColumnMapping, ImportColumn, ImportDocument, ImportMapping, ImportMatch, ImportTarget } from '@/api/imports';
import { attributeOf, type Attribute, type Entity } from '@/metadata';

/** A column may say stage and state at once: "Won", "Qualify". */
export const STAGE_OR_STATE = 'stage_or_state';
/** The record's own id, as it stands in an exported file. */
export const RECORD_ID = 'id';

const REFERENCE_TYPES = new Set(['lookup', 'customer', 'regarding', 'owner']);
const CHOICE_TYPES = new Set(['pick', 'multi', 'bool', STAGE_OR_STATE]);
const NUMBER_TYPES = new Set(['money', 'dec', 'int', 'float', 'duration']);
const DATE_TYPES = new Set(['date', 'datetime']);
const KEY_TYPES = new Set(['text', 'auto', 'int', 'lookup', 'customer']);
const NEVER = new Set(['state', 'status_reason', 'exchange_rate', 'modified_at', 'modified_by', 'created_by', 'is_sample', 'created_at']);
/** Guesses below this are shown as a guess, not as a fact. */
export const SURE_SCORE = 0.8;

export const isReference = (target: ImportTarget | undefined) => !!target && REFERENCE_TYPES.has(target.type);
export const isDate = (target: ImportTarget | undefined) => !!target && DATE_TYPES.has(target.type);
export const isNumber = (target: ImportTarget | undefined) => !!target && NUMBER_TYPES.has(target.type);
/** Columns whose distinct values have a page of their own: options, states, people, names of other records, and texts some of which are replaced. */
export const hasValuePage = (target: ImportTarget | undefined, mapped?: ColumnMapping) =>
  !!target && (CHOICE_TYPES.has(target.type) || REFERENCE_TYPES.has(target.type) || Object.keys(mapped?.values ?? {}).length > 0);

function importable(attribute: Attribute): boolean {
  return !NEVER.has(attribute.name) && !attribute.read_only && !['state', 'file', 'parties'].includes(attribute.type);
}

/** Stages, states and their reasons as one list of choices. */
function stageOptions(entity: Entity): ImportTarget['options'] {
  const stage = entity.board ? attributeOf(entity, entity.board.attribute) : undefined;
  const stages = stage?.type === 'pick' ? stage.options.filter((option) => option.active).map((option) => ({ value: { [stage.name]: option.value }, label: option.label, color: option.color })) : [];
  const states = entity.states.flatMap((state) => [
    { value: { state: state.value }, label: state.label, color: state.color },
    ...(state.reasons.length > 1 ? state.reasons.map((reason) => ({ value: { state: state.value, status_reason: reason.value }, label: `${state.label}: ${reason.label}`, color: state.color })) : []),
  ]);
  return [...stages, ...states];
}

/** Everything a column may become: as the server lists it, else from the object's description. */
export function importTargets(document: ImportDocument, entity: Entity, stateLabel: string, idLabel: string): ImportTarget[] {
  if (document.targets?.length) return document.targets;
  const targets: ImportTarget[] = entity.attributes.filter(importable).map((attribute) => ({
    name: attribute.name,
    label: attribute.label,
    type: attribute.type,
    required: attribute.required && attribute.default == null && attribute.type !== 'owner',
    options: attribute.options.filter((option) => option.active).map((option) => ({ value: option.value, label: option.label, color: option.color })),
  }));
  if (entity.states.length) targets.push({ name: STAGE_OR_STATE, label: stateLabel, type: STAGE_OR_STATE, required: false, options: stageOptions(entity) });
  targets.push({ name: RECORD_ID, label: idLabel, type: 'text', required: false });
  return targets;
}

/** The same mapping with one column changed; null leaves the column out. */
export function withColumn(mapping: ImportMapping, index: number, column: ColumnMapping | null): ImportMapping {
  const columns = { ...mapping.columns };
  if (column) columns[index] = column;
  else delete columns[index];
  return { ...mapping, columns };
}

export const columnsOf = (mapping: ImportMapping, attribute: string): number[] =>
  Object.entries(mapping.columns)
    .filter(([, column]) => column.attribute === attribute)
    .map(([index]) => Number(index));

export interface MappingProblem {
  kind: 'nothing_mapped' | 'twice' | 'required_missing' | 'gone' | 'key_unmapped' | 'no_key';
  attribute?: string;
  label?: string;
  columns?: number[];
  /** A blocking problem stops the check; the others are told and may stay. */
  blocking: boolean;
}

/** Everything that would make the check fail for every row, said before it runs. */
export function mappingProblems(targets: ImportTarget[], mapping: ImportMapping, match: ImportMatch): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const labelOf = (name: string) => targets.find((target) => target.name === name)?.label ?? name;
  const byAttribute = new Map<string, number[]>();
  for (const [index, column] of Object.entries(mapping.columns)) byAttribute.set(column.attribute, [...(byAttribute.get(column.attribute) ?? []), Number(index)]);
  if (!byAttribute.size) return [{ kind: 'nothing_mapped', blocking: true }];
  for (const [name, columns] of byAttribute) {
    if (!targets.some((target) => target.name === name)) problems.push({ kind: 'gone', attribute: name, label: name, columns, blocking: true });
    else if (columns.length > 1) problems.push({ kind: 'twice', attribute: name, label: labelOf(name), columns, blocking: true });
  }
  if (match.mode !== 'update') {
    for (const target of targets) {
      const given = byAttribute.has(target.name) || mapping.constants[target.name] != null;
      if (target.required && !given) problems.push({ kind: 'required_missing', attribute: target.name, label: target.label, blocking: false });
    }
  }
  return [...problems, ...keyProblems(labelOf, byAttribute, match)];
}

function keyProblems(labelOf: (name: string) => string, mapped: Map<string, number[]>, match: ImportMatch): MappingProblem[] {
  if (match.mode === 'create') return [];
  if (!match.keys.length) return [{ kind: 'no_key', blocking: true }];
  return match.keys.filter((key) => !mapped.has(key)).map((key) => ({ kind: 'key_unmapped' as const, attribute: key, label: labelOf(key), blocking: true }));
}

/** Mapped targets by which an existing record can be found. */
export const keyTargets = (targets: ImportTarget[], mapping: ImportMapping): ImportTarget[] => {
  const mapped = new Set(Object.values(mapping.columns).map((column) => column.attribute));
  return targets.filter((target) => mapped.has(target.name) && KEY_TYPES.has(target.type));
};

/** The match rule after the mapping changed: keys that are no longer mapped are dropped, and a rule without keys only creates. */
export function repairedMatch(match: ImportMatch, targets: ImportTarget[], mapping: ImportMapping): ImportMatch {
  const possible = new Set(keyTargets(targets, mapping).map((target) => target.name));
  const keys = match.keys.filter((key) => possible.has(key));
  return { ...match, keys, mode: keys.length ? match.mode : 'create' };
}

/** The options of a column when it becomes another target: only what fits the new target is kept. */
export function columnFor(target: ImportTarget, column: ImportColumn): ColumnMapping {
  return {
    attribute: target.name,
    ...(isDate(target) && column.date_formats[0] ? { date_format: column.date_formats[0] } : {}),
    ...(isNumber(target) && column.decimal_comma ? { decimal_comma: true } : {}),
    ...(isReference(target) ? { on_missing: 'error' as const } : {}),
  };
}

/** What a sample number becomes with a scale: 1100.04 in millions is 1100040000. Exact, without binary rounding. */
export function scaled(sample: string, scale: number | string | null | undefined): string | null {
  const text = sample.trim().replace(/[\s']/g, '');
  if (!/^-?\d+([.,]\d+)?$/.test(text)) return null;
  const zeros = Math.round(Math.log10(Number(scale ?? 1)));
  const [whole = '0', fraction = ''] = text.replace(',', '.').split('.');
  if (!(zeros > 0)) return text.replace(',', '.');
  const moved = fraction.padEnd(zeros, '0');
  const digits = `${whole}${moved.slice(0, zeros)}`.replace(/^(-?)0+(?=\d)/, '$1');
  const rest = moved.slice(zeros).replace(/0+$/, '');
  return rest ? `${digits}.${rest}` : digits;
}

/** Columns of the file nothing is made of. */
export const unmappedColumns = (columns: ImportColumn[], mapping: ImportMapping): ImportColumn[] => columns.filter((column) => !mapping.columns[column.index]);

/** How far a guess can be trusted. */
export function guessStrength(column: ImportColumn, mapping: ImportMapping): 'none' | 'sure' | 'unsure' | 'chosen' {
  const now = mapping.columns[column.index];
  if (!now) return 'none';
  if (!column.mapping || column.mapping.attribute !== now.attribute) return 'chosen';
  return (column.guess_score ?? 1) >= SURE_SCORE ? 'sure' : 'unsure';
}
