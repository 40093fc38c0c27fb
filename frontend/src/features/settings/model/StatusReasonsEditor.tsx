import type { Customization, OptionDefinition } from '@/api/customization';
import { useT } from '@/i18n';
import type { Entity, State } from '@/metadata';
import { Chip } from '@/ui/Chip';
import classes from './model.module.css';
import { editableOptions } from './options';
import { OptionsEditor } from './OptionsEditor';

export const STATUS_REASON = 'status_reason';

/** The reasons under an object's states as they are to be edited: as drafted, else as published, else as delivered. */
export function reasonsOf(entity: Entity | undefined, customization: Customization | undefined): OptionDefinition[] {
  if (!entity) return [];
  const drafted = customization?.draft.changes.findLast((change) => change.kind === 'reasons' && change.object === entity.name)?.definition as { options?: OptionDefinition[] } | undefined;
  const published = customization?.body?.reasons?.[entity.name]?.[STATUS_REASON]?.options;
  const rows = editableOptions(drafted?.options, published);
  const known = new Set([...(drafted?.options ?? published ?? [])].map((row) => row.value));
  const delivered = entity.states.flatMap((state) =>
    state.reasons.filter((reason) => !known.has(reason.value)).map((reason) => ({ value: reason.value, label: reason.label, color: reason.color ?? state.color, state: state.value, active: reason.active !== false, default: !known.size && !!reason.default })),
  );
  return [...rows, ...delivered];
}

interface StatusReasonsEditorProps {
  object: string;
  states: State[];
  options: OptionDefinition[];
  onChange: (options: OptionDefinition[]) => void;
  error?: string;
}

/** The reasons of each state: the states are fixed, why a record is in one is the workspace's own (PLT-5). */
export function StatusReasonsEditor({ object, states, options, onChange, error }: StatusReasonsEditorProps) {
  const t = useT();
  const of = (state: State) => options.filter((option) => option.state === state.value);
  const replace = (state: State, rows: OptionDefinition[]) => onChange(states.flatMap((one) => (one === state ? rows.map((row) => ({ ...row, state: state.value })) : of(one))));
  return (
    <div className={classes.form}>
      <p className="k-meta" style={{ margin: 0 }}>{t('reasons.help')}</p>
      {states.map((state) => (
        <OptionsEditor
          key={state.value}
          options={of(state)}
          onChange={(rows) => replace(state, rows)}
          list={{ object, name: STATUS_REASON }}
          legend={<Chip label={state.label} color={state.color} />}
          addLabel={t('reasons.add', { state: state.label })}
          newColor={state.color}
          withDefault
        />
      ))}
      {error && <p className={classes.failure} role="alert">{error}</p>}
    </div>
  );
}
