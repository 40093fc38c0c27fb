import type { State } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyMark } from './display';
import { optionOf, pick } from './pick';
import type { DisplayProps, FieldAttribute, FieldBase, FormatContext, PickOption } from './types';

export const statesWithReasons = (attribute: FieldAttribute, context?: FormatContext): State[] => attribute.states ?? context?.entity?.states ?? [];

/** Reasons of all states, in their own colour or that of their state. */
export function reasons(states: State[]): PickOption[] {
  return states.flatMap((state) => state.reasons.map((reason) => ({ value: reason.value, label: reason.label, color: reason.color ?? state.color, active: reason.active })));
}

/** Those one can choose, and the one that is chosen. */
export const choosable = (options: PickOption[], value?: unknown): PickOption[] => options.filter((option) => option.active !== false || option.value === value);

function found(attribute: FieldAttribute, value: unknown, context?: FormatContext): PickOption | null {
  if (value == null || value === '') return null;
  return reasons(statesWithReasons(attribute, context)).find((reason) => reason.value === Number(value)) ?? optionOf(attribute, value);
}

function Reason({ attribute, value, entity, record, line }: DisplayProps & { line?: boolean }) {
  const reason = found(attribute, value, { entity, record });
  if (!reason) return line ? null : <EmptyMark />;
  return <Chip label={reason.label} color={reason.color} />;
}

/** Why a record is in its state. */
export const statusReason: FieldBase = {
  ...pick,
  Display: Reason,
  Cell: (props) => <Reason {...props} line />,
  format: (value, attribute, context) => found(attribute, value, context)?.label ?? '',
};
