import { FieldDisplay, FieldInput, isEmpty, validateValue } from '@/fields';
import { useT } from '@/i18n';
import type { RecordData } from '@/api';
import type { Attribute, Entity } from '@/metadata';
import { IconAlertCircle, IconCheck, IconPencil } from '@tabler/icons-react';
import { Loader } from '@mantine/core';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { formErrors } from './errors';
import classes from './inline.module.css';
import { RollUpNote } from './RollUpNote';
import { isEditable, sameValue, type Editability, type Values } from './values';

/** Choosing is deciding: these are saved when the value changes, the others when the field is left. */
const SAVED_ON_CHANGE = new Set(['bool', 'pick', 'status_reason', 'lookup', 'customer', 'regarding', 'owner', 'file']);
const OPENED_AT_ONCE = new Set(['pick', 'multi', 'status_reason', 'lookup', 'customer', 'regarding', 'owner']);
const SAVED_MARK_MS = 1800;

type Status = { kind: 'idle' } | { kind: 'saving' } | { kind: 'saved' } | { kind: 'failed'; message: string };

export interface InlineFieldProps {
  entity: Entity;
  attribute: Attribute;
  record: RecordData;
  editability: Editability;
  save: (values: Values) => Promise<unknown>;
}

/**
 * One attribute of an open record: text until clicked, then an input; saved when left, with its state beside it.
 * A refused value stays in the input together with the reason, so nothing typed is lost (PEERS 5.7).
 */
export function InlineField({ entity, attribute, record, editability, save }: InlineFieldProps) {
  const t = useT();
  const labelId = useId();
  const box = useRef<HTMLDivElement>(null);
  const stored = record[attribute.name];
  const [editing, setEditing] = useState(false);
  const [value, setValue] = useState<unknown>(stored);
  const [status, setStatus] = useState<Status>({ kind: 'idle' });
  const editable = isEditable(attribute, editability);
  const masked = record.masked?.includes(attribute.name);

  useEffect(() => {
    if (status.kind !== 'saved') return;
    const timer = setTimeout(() => setStatus({ kind: 'idle' }), SAVED_MARK_MS);
    return () => clearTimeout(timer);
  }, [status]);

  const begin = () => {
    if (!editable || editing) return;
    setValue(stored);
    setStatus({ kind: 'idle' });
    setEditing(true);
  };
  // Lists of options and records open at once: one click to edit, one to choose.
  useEffect(() => {
    if (!editing || !OPENED_AT_ONCE.has(attribute.type)) return;
    const open = () => {
      const target = box.current?.querySelector<HTMLElement>('button[aria-haspopup], input[aria-haspopup]');
      target?.focus();
      target?.click();
      return !!target;
    };
    if (open() || !box.current) return;
    // The inputs are still being fetched the first time.
    const observer = new MutationObserver(() => open() && observer.disconnect());
    observer.observe(box.current, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [editing, attribute.type]);
  const stop = (refocus: boolean) => {
    setEditing(false);
    if (refocus) requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[data-value]')?.focus());
  };

  const commit = async (next: unknown, refocus = false) => {
    if (sameValue(next, stored, attribute.type)) {
      setStatus({ kind: 'idle' });
      stop(refocus);
      return;
    }
    const invalid = validateValue(attribute, next);
    if (invalid) {
      setStatus({ kind: 'failed', message: invalid });
      return;
    }
    setStatus({ kind: 'saving' });
    stop(refocus);
    try {
      await save({ [attribute.name]: next });
      setStatus({ kind: 'saved' });
    } catch (error) {
      const { fields, general } = formErrors(error, [attribute.name]);
      setStatus({ kind: 'failed', message: fields[attribute.name] ?? general.join(' ') });
      setEditing(true);
    }
  };

  const change = (next: unknown) => {
    setValue(next);
    if (SAVED_ON_CHANGE.has(attribute.type)) void commit(next, true);
  };

  // The value of the last key press may not have reached the state yet when Enter is handled.
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setStatus({ kind: 'idle' });
      stop(true);
    } else if (event.key === 'Enter' && !event.defaultPrevented && (attribute.type !== 'memo' || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      setTimeout(() => void commit(latest.current, true));
    }
  };
  const leave = () => {
    // Lists and calendars open in a layer of their own; going there is not leaving.
    setTimeout(() => {
      const focused = document.activeElement;
      const inside = box.current?.contains(focused) || focused?.closest('[data-portal], [role=listbox], [role=dialog], .mantine-Popover-dropdown, .mantine-Combobox-dropdown');
      if (!inside && box.current?.isConnected && !SAVED_ON_CHANGE.has(attribute.type)) void commit(latest.current);
      else if (!inside && SAVED_ON_CHANGE.has(attribute.type)) setEditing(false);
    });
  };

  const shown = status.kind === 'saving' || status.kind === 'failed' ? value : stored;
  return (
    <div ref={box} className={classes.row} data-attribute={attribute.name} data-status={status.kind}>
      <span className={classes.label} id={labelId} title={attribute.label}>
        {attribute.label}
      </span>
      {editing ? (
        <div className={classes.editor} onKeyDown={onKeyDown} onBlur={leave}>
          <FieldInput
            attribute={{ ...attribute, states: entity.states }}
            value={value}
            onChange={change}
            variant="inline"
            autoFocus
            record={record}
            entity={entity}
            error={status.kind === 'failed' ? status.message : undefined}
          />
        </div>
      ) : (
        <div className={classes.value} data-editable={editable || undefined} onClick={(event) => !(event.target as Element).closest('a') && begin()}>
          {isEmpty(shown) && !masked ? (
            <span className={classes.empty}>{editable ? t('record.field.add') : '–'}</span>
          ) : (
            <FieldDisplay attribute={{ ...attribute, states: entity.states }} value={shown} record={record} entity={entity} />
          )}
          {attribute.roll_up && !masked && <RollUpNote entity={entity} attribute={attribute} record={record} />}
          {editable && (
            <button type="button" data-value className={classes.pencil} aria-label={t('record.field.edit', { label: attribute.label })} onClick={begin}>
              <IconPencil size={16} stroke={1.75} aria-hidden />
            </button>
          )}
        </div>
      )}
      <FieldStatus status={status} />
    </div>
  );
}

function FieldStatus({ status }: { status: Status }) {
  const t = useT();
  return (
    <span className={classes.status} aria-live="polite">
      {status.kind === 'saving' && <Loader size={12} aria-label={t('ui.saving')} />}
      {status.kind === 'saved' && <IconCheck size={16} stroke={2} color="var(--k-green)" aria-label={t('ui.saved')} />}
      {status.kind === 'failed' && <IconAlertCircle size={16} stroke={2} color="var(--k-red)" aria-label={t('record.field.failed')} />}
    </span>
  );
}
