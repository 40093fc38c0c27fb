import type { ImportMatch, ImportTarget } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import type { Entity } from '@/metadata';
import classes from './import.module.css';
import { keyTargets } from './mapping';
import type { ImportEditor } from './useImport';

const MODES: [ImportMatch['mode'], Key, Key][] = [
  ['create', 'import.mode.create', 'import.mode.createHint'], ['both', 'import.mode.both', 'import.mode.bothHint'], ['update', 'import.mode.update', 'import.mode.updateHint'],
];
const CONFLICTS: [ImportMatch['on_conflict'], Key, Key][] = [
  ['overwrite', 'import.conflict.overwrite', 'import.conflict.overwriteHint'], ['fill_empty', 'import.conflict.fill', 'import.conflict.fillHint'], ['keep', 'import.conflict.keep', 'import.conflict.keepHint'],
];
const DUPLICATES: [ImportMatch['duplicates'], Key, Key][] = [['skip', 'import.duplicates.skip', 'import.duplicates.skipHint'], ['create', 'import.duplicates.create', 'import.duplicates.createHint']];

/** Whether rows make new records or change present ones, and how a present one is recognised. */
export function MatchStep({ entity, targets, editor }: { entity: Entity; targets: ImportTarget[]; editor: ImportEditor }) {
  const t = useT();
  const { match, mapping } = editor;
  const possible = keyTargets(targets, mapping);
  const set = (change: Partial<ImportMatch>) => editor.change({ match: { ...match, ...change } });
  const setMode = (mode: ImportMatch['mode']) => {
    const primary = possible.find((target) => target.name === entity.primary_attribute) ?? possible[0];
    set({ mode, keys: mode === 'create' || match.keys.length || !primary ? match.keys : [primary.name] });
  };
  const toggle = (name: string, on: boolean) => set({ keys: possible.map((target) => target.name).filter((key) => (key === name ? on : match.keys.includes(key))) });
  return (
    <div className={classes.narrow}>
      <Choices name="mode" legend={t('import.mode', { objects: entity.label_plural })} options={MODES} value={match.mode} onChange={setMode} params={{ objects: entity.label_plural }} disabled={(value) => value !== 'create' && !possible.length} />
      {match.mode !== 'create' && (
        <fieldset className={classes.choices}>
          <legend>{t('import.keys')}</legend>
          <p className={classes.lead}>{t('import.keysHint')}</p>
          {possible.map((target) => (
            <label key={target.name} className={classes.choice}>
              <input type="checkbox" checked={match.keys.includes(target.name)} onChange={(event) => toggle(target.name, event.currentTarget.checked)} />
              {target.label}
            </label>
          ))}
          {!match.keys.length && <p className={classes.warning}>{t('import.problem.noKey')}</p>}
        </fieldset>
      )}
      {match.mode !== 'create' && (
        <>
          <Choices name="conflict" legend={t('import.conflict')} options={CONFLICTS} value={match.on_conflict} onChange={(on_conflict) => set({ on_conflict })} />
          {match.on_conflict === 'overwrite' && (
            <label className={classes.choice}>
              <input type="checkbox" checked={match.clear_empty ?? false} onChange={(event) => set({ clear_empty: event.currentTarget.checked })} />
              {t('import.clearEmpty')}
            </label>
          )}
        </>
      )}
      {match.mode !== 'update' && <Choices name="duplicates" legend={t('import.duplicates')} options={DUPLICATES} value={match.duplicates} onChange={(duplicates) => set({ duplicates })} />}
    </div>
  );
}

interface ChoicesProps<T extends string> {
  name: string;
  legend: string;
  options: [T, Key, Key][];
  value: T;
  onChange: (value: T) => void;
  params?: Record<string, string>;
  disabled?: (value: T) => boolean;
}

function Choices<T extends string>({ name, legend, options, value, onChange, params, disabled }: ChoicesProps<T>) {
  const t = useT();
  return (
    <fieldset className={classes.choices}>
      <legend>{legend}</legend>
      {options.map(([option, label, hint]) => (
        <label key={option} className={classes.choice} data-disabled={disabled?.(option) || undefined}>
          <input type="radio" name={name} checked={value === option} disabled={disabled?.(option)} onChange={() => onChange(option)} />
          <span>
            {t(label, params)}
            <span className={classes.choiceHint}>{t(hint, params)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
