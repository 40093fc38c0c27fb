/** Definitions of fields as the dialog edits them: what a new one starts with, and what is sent. */
import type { AttributeDefinition, OptionDefinition } from '@/api/customization';
import { optionsToSend } from './options';
import { hasOptions, hasRange, isComputed, mayBeSearched, mayBeUnique, mayHaveDefault, type FieldKind } from './types';

export const FIRST_OPTIONS: OptionDefinition[] = [
  { label: '', color: 'blue' },
  { label: '', color: 'green' },
];

/** What a new field of a type starts with. */
export function startOf(type: FieldKind): AttributeDefinition {
  return {
    type,
    label: '',
    ...(hasOptions(type) ? { options: FIRST_OPTIONS } : {}),
    ...(type === 'dec' ? { precision: 2 } : {}),
    ...(type === 'roll_up' ? { function: 'count' } : {}),
    ...(type === 'auto' ? { digits: 5, suffix: 0, next_number: 1 } : {}),
    ...(type === 'lookup' ? { targets: ['account'], on_delete: 'remove_link' as const } : {}),
  };
}

/** Only what the server accepts for the type. */
export function definitionToSend(definition: AttributeDefinition): AttributeDefinition {
  const type = definition.type as FieldKind;
  const sent: AttributeDefinition = {
    type,
    label: definition.label?.trim() ?? '',
    help: definition.help ?? '',
    ...(isComputed(type) ? {} : { required: definition.required ?? false, recommended: definition.recommended ?? false }),
  };
  const labels = Object.fromEntries(Object.entries(definition.labels ?? {}).filter(([, text]) => text.trim()));
  if (Object.keys(labels).length) sent.labels = labels;
  if (mayBeUnique(type)) sent.unique = definition.unique ?? false;
  if (mayBeSearched(type)) {
    sent.searchable = definition.searchable ?? false;
    sent.max_length = definition.max_length ?? null;
    sent.format = definition.format || null;
  }
  if (type === 'auto') Object.assign(sent, { prefix: definition.prefix ?? '', date_part: definition.date_part ?? null, digits: definition.digits ?? 5, suffix: definition.suffix ?? 0, next_number: definition.next_number ?? 1 });
  if (type === 'calculated') Object.assign(sent, { expression: definition.expression ?? '', precision: definition.precision ?? 2 });
  if (type === 'roll_up') Object.assign(sent, { function: definition.function ?? 'count', relationship: definition.relationship ?? '', measure: definition.measure ?? null, filter: definition.filter ?? null });
  if (type === 'dec') sent.precision = definition.precision ?? 2;
  if (hasRange(type)) {
    sent.min = definition.min ?? null;
    sent.max = definition.max ?? null;
  }
  if (hasOptions(type)) {
    if (definition.option_list) sent.option_list = definition.option_list;
    else Object.assign(sent, optionsToSend(definition.options ?? []));
  }
  if (type === 'lookup') {
    sent.targets = definition.targets;
    // Left out when unknown, so that an edit never changes a rule nobody touched.
    if (definition.on_delete) sent.on_delete = definition.on_delete;
  }
  if (mayHaveDefault(type) && definition.default != null && definition.default !== '') sent.default = definition.default;
  return sent;
}
