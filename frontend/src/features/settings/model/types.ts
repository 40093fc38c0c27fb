/** The types a field can have, in the order of the gallery. */
import type { AttributeTypeName } from '@/metadata';

export const FIELD_TYPES: AttributeTypeName[] = [
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
];

const NUMERIC: AttributeTypeName[] = ['int', 'dec', 'money', 'float', 'duration'];
export const hasRange = (type: AttributeTypeName) => NUMERIC.includes(type);
export const hasOptions = (type: AttributeTypeName) => type === 'pick' || type === 'multi';
export const mayBeUnique = (type: AttributeTypeName) => ['text', 'int', 'date'].includes(type);
export const mayBeSearched = (type: AttributeTypeName) => type === 'text' || type === 'memo';
export const mayHaveDefault = (type: AttributeTypeName) => !['lookup', 'file'].includes(type);
