/** The steps of a record's path and what a click on one of them does. */
import { attributeOf, stateOf, type Entity } from '@/metadata';
import type { RecordData } from '@/api';

export interface PathStep {
  value: number;
  label: string;
  color: string | null;
  position: 'done' | 'current' | 'ahead';
}

export interface RecordPath {
  attribute: string;
  label: string;
  steps: PathStep[];
  /** The state that ended the path, such as Won; null while it is open. */
  end: { label: string; color: string | null } | null;
}

/** The path of a record: its stages, or the reasons of its open states when the path follows the status. */
export function pathOf(entity: Entity, record: RecordData): RecordPath | null {
  const name = entity.forms.main.path;
  const attribute = name ? attributeOf(entity, name) : undefined;
  if (!name || !attribute) return null;
  const state = stateOf(entity, record.state as string | null);
  const options =
    attribute.type === 'status_reason'
      ? entity.states.filter((entry) => !entry.closed).flatMap((entry) => entry.reasons.map((reason) => ({ ...reason, color: reason.color ?? entry.color, active: reason.active !== false })))
      : attribute.options;
  const shown = options.filter((option) => option.active || option.value === record[name]);
  const at = shown.findIndex((option) => option.value === record[name]);
  if (!shown.length) return null;
  return {
    attribute: name,
    label: attribute.label,
    steps: shown.map((option, index) => ({
      value: option.value,
      label: option.label,
      color: option.color,
      position: at < 0 || index > at ? 'ahead' : index < at ? 'done' : 'current',
    })),
    end: state?.closed ? { label: state.label, color: state.color } : null,
  };
}
