/** What one value of a column becomes, and how a chosen target is written into the mapping. */
import type { ColumnMapping, ImportTarget, ImportValue } from '@/api/imports';

/** `known`: becomes something as it stands; `mapped`: a person or an accepted guess says what; `open`: nobody knows yet. */
export type ValueState = 'known' | 'mapped' | 'empty' | 'open';

export function valueState(value: ImportValue, mapped: ColumnMapping): ValueState {
  const chosen = mapped.values;
  if (chosen && value.value in chosen) return chosen[value.value] === null || chosen[value.value] === '' ? 'empty' : 'mapped';
  return value.known ? 'known' : 'open';
}

/** What the value becomes now: the decision, else what it is known as. */
export function targetOf(value: ImportValue, mapped: ColumnMapping): unknown {
  if (mapped.values && value.value in mapped.values) return mapped.values[value.value];
  return value.known ? value.target : undefined;
}

/** The place of a target among the options; options such as states are objects, so they are compared by content. */
export const optionIndex = (target: ImportTarget, wanted: unknown): number =>
  (target.options ?? []).findIndex((option) => JSON.stringify(option.value) === JSON.stringify(Array.isArray(wanted) ? wanted[0] : wanted));

/** The option a target means, by value or by its words. */
export function optionLabel(target: ImportTarget, wanted: unknown): string | null {
  const at = optionIndex(target, wanted);
  if (at >= 0) return target.options![at]!.label;
  return typeof wanted === 'string' ? wanted : null;
}
