/** The types a field can have, in the order of the gallery. */
import type { AttributeDefinition } from '@/api/customization';
import type { AttributeTypeName } from '@/metadata';

/** What a field can be when it is made: a type, or one the workspace computes, which then has the type of its result. */
export type FieldKind = AttributeTypeName | 'calculated' | 'roll_up';

export const FIELD_TYPES: FieldKind[] = [
  'text',
  'memo',
  'int',
  'dec',
  'money',
  'float',
  'bool',
  'pick',
  'multi',
  'date',
  'datetime',
  'duration',
  'lookup',
  'file',
  'auto',
  'calculated',
  'roll_up',
];

const NUMERIC: FieldKind[] = ['int', 'dec', 'money', 'float', 'duration'];
export const hasRange = (type: FieldKind) => NUMERIC.includes(type);
export const hasOptions = (type: FieldKind) => type === 'pick' || type === 'multi';
export const mayBeUnique = (type: FieldKind) => ['text', 'int', 'date'].includes(type);
export const mayBeSearched = (type: FieldKind) => type === 'text' || type === 'memo';
/** Filled in by the workspace: nobody can be required to enter it. */
export const isComputed = (type: FieldKind) => ['auto', 'calculated', 'roll_up'].includes(type);
export const mayHaveDefault = (type: FieldKind) => !['lookup', 'file'].includes(type) && !isComputed(type);

/** The type of a definition's values: that of the result where it is computed. */
export function valueType(definition: AttributeDefinition): AttributeTypeName {
  if (definition.type === 'roll_up') return (definition.result ?? 'int') as AttributeTypeName;
  if (definition.type !== 'calculated') return (definition.type ?? 'text') as AttributeTypeName;
  if (definition.result !== 'number') return (definition.result ?? 'text') as AttributeTypeName;
  return definition.currency ? 'money' : definition.precision ? 'dec' : 'int';
}
