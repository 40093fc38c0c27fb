/** Values of a form: what changed, what is missing, and the shape the API wants them in. */
import type { Ref } from '@/api';
import { isEmpty, writeValue } from '@/fields';
import { attributeOf, type Attribute, type Entity } from '@/metadata';

export type Values = Record<string, unknown>;

const DECIMAL_TYPES = new Set(['money', 'dec']);

const isRef = (value: unknown): value is Ref => typeof value === 'object' && value !== null && 'id' in value;

/** Decimals without trailing zeros, so that "10.00" and 10 are the same money. */
const plainDecimal = (value: unknown) => {
  const text = String(value);
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
};

/** Whether two values of an attribute mean the same; a reference is its id, whatever its name is by now. */
export function sameValue(a: unknown, b: unknown, type?: Attribute['type']): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (type && DECIMAL_TYPES.has(type)) return plainDecimal(a) === plainDecimal(b);
  if (type === 'multi' && Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry) => b.includes(entry));
  if (type === 'datetime') return Date.parse(String(a)) === Date.parse(String(b));
  if (isRef(a) && isRef(b) && type !== 'parties') return a.id === b.id;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The values of `current` that differ from `initial`, in the shape they were entered. */
export function changedValues(entity: Entity, initial: Values, current: Values): Values {
  const changed: Values = {};
  for (const name of Object.keys(current)) {
    if (!sameValue(initial[name], current[name], attributeOf(entity, name)?.type)) changed[name] = current[name];
  }
  return changed;
}

/** All values in write shape; names the entity does not know are left out, because the API refuses them. */
export function valuesToWrite(entity: Entity, values: Values): Values {
  const written: Values = {};
  for (const [name, value] of Object.entries(values)) {
    const attribute = attributeOf(entity, name);
    if (attribute) written[name] = writeValue(attribute, value);
  }
  return written;
}

/** The values a new record starts with: the attributes' defaults, then what the context gives. */
export function initialValues(entity: Entity, context: Values = {}): Values {
  const values: Values = {};
  for (const attribute of entity.attributes) {
    if (attribute.default != null && !attribute.read_only && !attribute.system) values[attribute.name] = attribute.default;
  }
  return { ...values, ...context };
}

export interface Editability {
  /** The caller may write this record. */
  mayWrite: boolean;
  /** The record is in a closed state: only actions change it (CON-3). */
  closed: boolean;
  isNew: boolean;
  /** Attributes whose value the caller may not read. */
  masked?: string[];
}

/** Whether a person may type into this attribute here. */
export function isEditable(attribute: Attribute, given: Editability): boolean {
  if (attribute.read_only || attribute.type === 'auto' || attribute.type === 'state') return false;
  if (given.isNew) return attribute.type !== 'status_reason';
  if (attribute.create_only || given.masked?.includes(attribute.name)) return false;
  return given.mayWrite && !given.closed;
}
