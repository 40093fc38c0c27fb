/** What the columns of a file become, and what is still wrong with that. */
import type { ColumnMapping, ImportColumn, ImportDocument, ImportMatch } from '@/api/imports';
import { attributeOf, type Attribute, type Entity } from '@/metadata';

export type Mapping = ImportDocument['mapping'];

const REFERENCE_TYPES = new Set(['lookup', 'customer', 'regarding']);
const CHOICE_TYPES = new Set(['pick', 'multi', 'bool', 'state', 'status_reason', 'owner']);
const NUMBER_TYPES = new Set(['money', 'dec', 'int', 'float']);
const DATE_TYPES = new Set(['date', 'datetime']);
/** Guesses below this are shown as a guess, not as a fact. */
export const SURE_SCORE = 0.8;

export const isReference = (attribute: Attribute | undefined) => !!attribute && REFERENCE_TYPES.has(attribute.type);
export const isDate = (attribute: Attribute | undefined) => !!attribute && DATE_TYPES.has(attribute.type);
export const isNumber = (attribute: Attribute | undefined) => !!attribute && NUMBER_TYPES.has(attribute.type);
/** Columns whose distinct values have a page of their own: options, states, people, and names of other records. */
export const hasValuePage = (attribute: Attribute | undefined) => !!attribute && (CHOICE_TYPES.has(attribute.type) || REFERENCE_TYPES.has(attribute.type));

/** Attributes a column may become: what a person may write, plus state and the key of another system. */
export function importableAttributes(entity: Entity): Attribute[] {
  return entity.attributes.filter(
    (attribute) => !attribute.system && (!attribute.read_only || attribute.type === 'state') && attribute.type !== 'file' && attribute.type !== 'parties',
  );
}

/** The mapping to work on: what is stored, and the server's guesses for columns nobody has decided yet. */
export function effectiveMapping(document: ImportDocument): Mapping {
  const stored = document.mapping?.columns ?? {};
  const columns: Record<string, ColumnMapping> = { ...stored };
  if (document.state === 'uploaded' && Object.keys(stored).length === 0) {
    for (const column of document.columns) if (column.mapping) columns[column.index] = column.mapping;
  }
  return { columns, constants: document.mapping?.constants ?? {} };
}

/** The same mapping with one column changed; null leaves the column out. */
export function withColumn(mapping: Mapping, index: number, column: ColumnMapping | null): Mapping {
  const columns = { ...mapping.columns };
  if (column) columns[index] = column;
  else delete columns[index];
  return { ...mapping, columns };
}

export const columnsOf = (mapping: Mapping, attribute: string): number[] =>
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
export function mappingProblems(entity: Entity, mapping: Mapping, match: ImportMatch | null): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const byAttribute = new Map<string, number[]>();
  for (const [index, column] of Object.entries(mapping.columns)) byAttribute.set(column.attribute, [...(byAttribute.get(column.attribute) ?? []), Number(index)]);
  if (!byAttribute.size) return [{ kind: 'nothing_mapped', blocking: true }];
  for (const [name, columns] of byAttribute) {
    const attribute = attributeOf(entity, name);
    if (!attribute) problems.push({ kind: 'gone', attribute: name, label: name, columns, blocking: true });
    else if (columns.length > 1) problems.push({ kind: 'twice', attribute: name, label: attribute.label, columns, blocking: true });
  }
  if (match?.mode !== 'update') {
    for (const attribute of importableAttributes(entity)) {
      const given = byAttribute.has(attribute.name) || mapping.constants[attribute.name] != null || attribute.default != null;
      if (attribute.required && !given && attribute.type !== 'owner' && attribute.type !== 'auto')
        problems.push({ kind: 'required_missing', attribute: attribute.name, label: attribute.label, blocking: false });
    }
  }
  return [...problems, ...keyProblems(entity, byAttribute, match)];
}

function keyProblems(entity: Entity, mapped: Map<string, number[]>, match: ImportMatch | null): MappingProblem[] {
  if (!match || match.mode === 'create') return [];
  if (!match.keys.length) return [{ kind: 'no_key', blocking: true }];
  return match.keys
    .filter((key) => !mapped.has(key))
    .map((key) => ({ kind: 'key_unmapped' as const, attribute: key, label: attributeOf(entity, key)?.label ?? key, blocking: true }));
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
export const unmappedColumns = (columns: ImportColumn[], mapping: Mapping): ImportColumn[] => columns.filter((column) => !mapping.columns[column.index]);

/** How far a guess can be trusted. */
export function guessStrength(column: ImportColumn, mapping: Mapping): 'none' | 'sure' | 'unsure' | 'chosen' {
  const now = mapping.columns[column.index];
  if (!now) return 'none';
  if (!column.mapping || column.mapping.attribute !== now.attribute) return 'chosen';
  return column.guess_score >= SURE_SCORE ? 'sure' : 'unsure';
}
