/** Values across types: empty, equal, and the shape the API wants. */
import type { Party, Ref } from '@/api/types';
import type { FieldAttribute } from './types';

export const isEmpty = (value: unknown): boolean => value == null || value === '' || (Array.isArray(value) && value.length === 0);

/** A reference as the API delivers it; null for anything else. */
export function asRef(value: unknown): Ref | null {
  if (!value || typeof value !== 'object' || !('id' in value)) return null;
  const ref = value as Partial<Ref>;
  return typeof ref.id === 'string' ? { object: ref.object ?? '', id: ref.id, name: ref.name ?? '' } : null;
}

export const asParties = (value: unknown): Party[] => (Array.isArray(value) ? (value as Party[]) : []);
export const asNumbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);
export const asText = (value: unknown): string => (value == null ? '' : String(value));

/** Same value, whatever shape of reference or decimal it has. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true;
  const [left, right] = [asRef(a), asRef(b)];
  if (left && right) return left.id === right.id;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, index) => sameValue(entry, b[index]));
  if (typeof a === 'object' || typeof b === 'object') return JSON.stringify(a) === JSON.stringify(b);
  return false;
}

/** What is sent: references by object and id, files by id, empty text as null. */
export function writeValue(attribute: FieldAttribute, value: unknown): unknown {
  switch (attribute.type) {
    case 'lookup':
      return asRef(value)?.id ?? (typeof value === 'string' && value ? value : null);
    case 'owner':
      return asRef(value)?.id ?? (typeof value === 'string' && value ? value : null);
    case 'customer':
    case 'regarding': {
      const ref = asRef(value);
      return ref ? (ref.object ? { object: ref.object, id: ref.id } : ref.id) : null;
    }
    case 'file':
      return asRef(value)?.id ?? null;
    case 'parties':
      return asParties(value).map((party) => ({ role: party.role, object: party.object ?? null, id: party.id ?? null, address: party.address ?? null }));
    case 'multi':
      return asNumbers(value);
    default:
      return value === '' || value === undefined ? null : value;
  }
}

/** Empty values first, then by the given order. */
export function compareWith<T>(read: (value: unknown) => T | null, order: (a: T, b: T) => number) {
  return (a: unknown, b: unknown): number => {
    const [left, right] = [isEmpty(a) ? null : read(a), isEmpty(b) ? null : read(b)];
    if (left == null || right == null) return (left == null ? 0 : 1) - (right == null ? 0 : 1);
    return order(left, right);
  };
}

/** Two decimal strings by value, without losing digits. */
export function compareDecimals(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (difference !== 0 && Number.isFinite(difference)) return difference;
  return a === b ? 0 : a.length - b.length || (a < b ? -1 : 1);
}

/** Text of a cell: words in the user's order, numbers inside by value. */
export const compareTexts = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true, sensitivity: 'base' });
