import { t } from '@/i18n';
import { stateOf, type Entity } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyMark, frameProps } from './frame';
import { OptionPicker, type PickOption } from './OptionPicker';
import { asText, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldType, FilterProps, InputProps } from './types';

const statesOf = (attribute: FieldAttribute, entity?: Entity) => attribute.states ?? entity?.states ?? [];

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

/** States change by actions only; the input shows the present one. */
function Input(props: InputProps) {
  return (
    <OptionPicker
      label={props.attribute.label}
      frame={{ ...frameProps(props), disabled: true }}
      options={statesOf(props.attribute, props.entity).map((state) => ({ value: state.value, label: state.label, color: state.color }))}
      selected={props.value ? [asText(props.value)] : []}
      onChange={() => undefined}
    />
  );
}

function Filter({ attribute, operator, value, onChange, autoFocus }: FilterProps) {
  const many = operator === 'in' || operator === 'not_in';
  return (
    <OptionPicker
      label={attribute.label}
      multiple={many}
      options={statesOf(attribute).map((state) => ({ value: state.value, label: state.label, color: state.color }))}
      selected={(Array.isArray(value) ? value : value ? [value] : []) as string[]}
      onChange={(next) => onChange(many ? next : (next[0] ?? null))}
      autoFocus={autoFocus}
    />
  );
}

/** Open, won, completed …: where a record stands in its life. */
export const state: FieldType = {
  Display: StateChip,
  Cell: (props) => <StateChip {...props} line />,
  Input,
  Filter,
  parse: () => ({ ok: false, message: t('fields.byAction') }),
  format: (value, attribute, context) => found(attribute, value, context?.entity)?.label ?? '',
  compare: (a, b, attribute) => {
    const at = (value: unknown) => statesOf(attribute).findIndex((entry) => entry.value === value);
    return compareWith(at, (x, y) => x - y)(a, b);
  },
  width: 120,
};
