import type { ColumnMapping, ImportTarget, ImportValue } from '@/api/imports';
import { asRef, LookupPicker } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { ActionIcon, Select, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconMailPlus, IconRestore } from '@tabler/icons-react';
import { useState } from 'react';
import type { Ref } from '@/api';
import classes from './import.module.css';
import { InviteDialog } from './InviteDialog';
import { isReference } from './mapping';
import { optionIndex, targetOf, valueState } from './values';

const EMPTY = '__empty';

export interface ValueTargetProps {
  value: ImportValue;
  target: ImportTarget;
  entity: Entity;
  mapped: ColumnMapping;
  /** Undefined takes the decision back, null leaves the attribute empty. */
  onChange: (next: unknown) => void;
}

/** The choice for one value of the file: an option, a record, a user, or nothing. */
export function ValueTarget(props: ValueTargetProps) {
  if (isReference(props.target)) return <ReferenceTarget {...props} />;
  if (!props.target.options?.length && props.target.type !== 'bool') return <TextTarget {...props} />;
  if (props.target.type === 'bool') return <BoolTarget {...props} />;
  return <OptionTarget {...props} />;
}

function OptionTarget({ value, target, mapped, onChange }: ValueTargetProps) {
  const t = useT();
  const state = valueState(value, mapped);
  const now = targetOf(value, mapped);
  const at = optionIndex(target, now);
  const guess = state === 'open' ? value.guess : null;
  return (
    <div className={classes.valueTarget}>
      <Select
        size="sm"
        searchable={(target.options?.length ?? 0) > 8}
        aria-label={t('import.meansOf', { value: value.value })}
        placeholder={guess ? t('import.guessIs', { label: guess.label }) : t('import.chooseTarget')}
        value={state === 'empty' ? EMPTY : at >= 0 ? String(at) : null}
        data={[...(target.options ?? []).map((option, index) => ({ value: String(index), label: option.label })), { value: EMPTY, label: t('import.leaveEmpty') }]}
        onChange={(chosen) => onChange(chosen === null ? undefined : chosen === EMPTY ? null : target.options![Number(chosen)]!.value)}
        error={state === 'open' && !guess}
      />
      <Sign state={state} guess={guess} onAccept={() => onChange(guess!.target)} />
    </div>
  );
}

/** A text that replaces another one, such as a country spelt right. */
function TextTarget({ value, mapped, onChange }: ValueTargetProps) {
  const t = useT();
  const now = mapped.values?.[value.value];
  const replaced = now !== undefined;
  return (
    <div className={classes.valueTarget}>
      <TextInput
        size="sm"
        aria-label={t('import.meansOf', { value: value.value })}
        placeholder={value.value}
        value={typeof now === 'string' ? now : ''}
        onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
      <Sign state={replaced ? 'mapped' : 'known'} guess={null} onAccept={() => undefined} onReset={replaced ? () => onChange(undefined) : undefined} />
    </div>
  );
}

function BoolTarget({ value, mapped, onChange }: ValueTargetProps) {
  const t = useT();
  const now = targetOf(value, mapped);
  const shown = now === true || now === 'true' ? 'true' : now === false || now === 'false' ? 'false' : valueState(value, mapped) === 'empty' ? EMPTY : null;
  return (
    <Select
      size="sm"
      aria-label={t('import.meansOf', { value: value.value })}
      placeholder={value.known ? value.value : t('import.chooseTarget')}
      value={shown}
      data={[{ value: 'true', label: t('fields.yes') }, { value: 'false', label: t('fields.no') }, { value: EMPTY, label: t('import.leaveEmpty') }]}
      onChange={(chosen) => onChange(chosen === null ? undefined : chosen === EMPTY ? null : chosen)}
    />
  );
}

function ReferenceTarget({ value, target, entity, mapped, onChange }: ValueTargetProps) {
  const t = useT();
  const [inviting, setInviting] = useState(false);
  const state = valueState(value, mapped);
  const now = targetOf(value, mapped);
  const ref = asRef(now) ?? (typeof now === 'string' && now ? { object: target.name, id: now, name: value.label ?? now } : null);
  const targets = target.targets ?? attributeOf(entity, target.name)?.targets ?? [];
  const objects = targets.length ? targets : target.type === 'owner' ? ['user'] : ['account', 'contact'];
  const guess = state === 'open' ? value.guess : null;
  if (state === 'known') {
    return (
      <span className={classes.knownRef}>
        <IconCheck size={16} stroke={2} color="var(--k-green)" aria-hidden />
        <span className="k-truncate">{value.label ?? value.value}</span>
        {value.in_file && <span className="k-meta">{t('import.inThisFile')}</span>}
      </span>
    );
  }
  return (
    <div className={classes.valueTarget}>
      <LookupPicker
        label={t('import.meansOf', { value: value.value })}
        frame={{ size: 'sm', 'aria-label': t('import.meansOf', { value: value.value }) }}
        targets={objects}
        value={state === 'empty' ? { object: '', id: EMPTY, name: t('import.leaveEmpty') } : ref}
        onChange={(next: Ref | null) => onChange(next ? { object: next.object, id: next.id, name: next.name } : null)}
      />
      {state === 'open' && target.type === 'owner' && (
        <Tooltip label={t('import.invite', { name: value.value })}>
          <ActionIcon variant="default" size={32} aria-label={t('import.invite', { name: value.value })} onClick={() => setInviting(true)}>
            <IconMailPlus size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      )}
      <Sign state={state} guess={guess} onAccept={() => onChange(guess!.target)} onReset={state === 'mapped' || state === 'empty' ? () => onChange(undefined) : undefined} />
      {inviting && <InviteDialog name={value.value} onClose={() => setInviting(false)} onInvited={onChange} />}
    </div>
  );
}

interface SignProps {
  state: ReturnType<typeof valueState>;
  guess: ImportValue['guess'];
  onAccept: () => void;
  onReset?: () => void;
}

function Sign({ state, guess, onAccept, onReset }: SignProps) {
  const t = useT();
  if (guess) {
    return (
      <button type="button" className={`k-link ${classes.textButton}`} onClick={onAccept}>
        {t('import.acceptGuess', { label: guess.label })}
      </button>
    );
  }
  if (onReset) {
    return (
      <Tooltip label={t('import.resetValue')}>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('import.resetValue')} onClick={onReset}>
          <IconRestore size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return state === 'open' ? null : <IconCheck size={16} stroke={2} color="var(--k-green)" aria-hidden />;
}
