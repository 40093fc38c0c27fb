import { t } from '@/i18n';
import { stateOf, type Entity } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyMark } from './display';
import { asText, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldBase, PickOption } from './types';

/** The states of the attribute's object. */
export const statesOf = (attribute: FieldAttribute, entity?: Entity) => attribute.states ?? entity?.states ?? [];

function found(attribute: FieldAttribute, value: unknown, entity?: Entity): PickOption | null {
  const text = asText(value);
  if (!text) return null;
  const state = statesOf(attribute, entity).find((entry) => entry.value === text) ?? (entity && stateOf(entity, text));
  return { value: text, label: state?.label ?? text.charAt(0).toUpperCase() + text.slice(1).replaceAll('_', ' '), color: state?.color ?? 'gray' };
}

function StateChip({ attribute, value, entity, line }: DisplayProps & { line?: boolean }) {
  const state = found(attribute, value, entity);
  if (!state) return line ? null : <EmptyMark />;
  return <Chip dot label={state.label} color={state.color} />;
}

/** Open, won, completed …: where a record stands in its life. */
export const state: FieldBase = {
  Display: StateChip,
  Cell: (props) => <StateChip {...props} line />,
  parse: () => ({ ok: false, message: t('fields.byAction') }),
  format: (value, attribute, context) => found(attribute, value, context?.entity)?.label ?? '',
  compare: (a, b, attribute) => {
    const at = (value: unknown) => statesOf(attribute).findIndex((entry) => entry.value === value);
    return compareWith(at, (x, y) => x - y)(a, b);
  },
  width: 120,
};
