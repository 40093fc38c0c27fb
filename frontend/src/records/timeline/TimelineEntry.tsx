import { errorMessage, keys, type FieldChange, type Ref, type StoredFile, type TimelineItem } from '@/api';
import { restoreValue } from '@/api/security';
import { asRef, FieldDisplay, isEmpty, RefLink } from '@/fields';
import { useT, type Key } from '@/i18n';
import { attributeOf, findObject, recordPath, useSession } from '@/metadata';
import { formatBytes, formatDateTime, formatTime, toast } from '@/ui';
import { IconArrowRight, IconDownload, IconPaperclip } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createElement, useState } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import { SHOWN_CHANGES } from './grouping';
import { kindIcon } from './kinds';
import { NoteMenu } from './NoteMenu';
import classes from './timeline.module.css';

const BODY = { name: 'body', label: '', type: 'memo', format: 'rich' } as const;
const LONG_BODY = 420;

const VERBS: Partial<Record<string, Key>> = {
  note: 'record.timeline.verb.note', task: 'record.timeline.verb.task', phone_call: 'record.timeline.verb.phone_call', appointment: 'record.timeline.verb.appointment',
  email: 'record.timeline.verb.email', letter: 'record.timeline.verb.letter', fax: 'record.timeline.verb.fax', visit: 'record.timeline.verb.visit', opportunity_close: 'record.timeline.verb.opportunity_close', created: 'record.timeline.verb.created', change: 'record.timeline.verb.change',
};

/** A file the item carries, whichever name it has there. */
function fileOf(item: TimelineItem): StoredFile | null {
  const file = (item.attachment ?? item.file) as StoredFile | null | undefined;
  return file && typeof file === 'object' && 'url' in file ? file : null;
}

/** One thing that happened: who, what, when, and its text, file or changed fields. */
export function TimelineEntry({ item }: { item: TimelineItem }) {
  const t = useT();
  const session = useSession();
  const object = item.object ? findObject(session, item.object) : undefined;
  const { record } = useOpenRecord();
  // Rolled up from a contact or an opportunity: say whose it is.
  const about = item.regarding as Ref | null | undefined;
  const verb = VERBS[item.kind];
  const canceled = item.state === 'canceled';
  const title = item.kind === 'change' || item.kind === 'created' ? null : item.title;
  return (
    <li className={classes.entry} data-kind={item.kind}>
      <span className={classes.sign}>
        {createElement(kindIcon(item.kind), { size: 16, stroke: 1.75, 'aria-hidden': true })}
      </span>
      <div className={classes.content}>
        <div className={classes.line}>
          <span className={classes.actor}>{item.actor?.name ?? t('record.timeline.system')}</span> {canceled ? t('record.timeline.verb.canceled') : verb ? t(verb) : (object?.label ?? item.kind)}
          {isSource(item.source) && <span className="k-meta">{t(`record.timeline.source.${item.source}`)}</span>}
          <time className={classes.time} dateTime={item.at} title={formatDateTime(item.at)}>
            {formatTime(item.at)}
          </time>
          {item.kind === 'note' && <NoteMenu item={item} />}
        </div>
        {title && !sameStart(title, item.body) && (
          <div className={classes.title} data-canceled={canceled || undefined}>
            {object && item.object !== 'note' ? <a href={recordPath(object.plural, item.id)}>{title}</a> : title}
          </div>
        )}
        {about && about.id !== record.id && (
          <div className={classes.about}>
            {t('record.timeline.about')} <RefLink value={about} />
          </div>
        )}
        {item.body && <Body html={item.body} />}
        {item.changes && <Changes changes={item.changes} />}
        {fileOf(item) && <FileLink file={fileOf(item)!} />}
      </div>
    </li>
  );
}

/** What is not done at the screen says where it came from. */
const SOURCES = ['api', 'import', 'rule', 'system', 'job'] as const;
const isSource = (value: unknown): value is (typeof SOURCES)[number] => SOURCES.includes(value as never);

/** A note's title is made from its text when nobody gave one; then it is not shown twice. */
function sameStart(title: string, body: string | null): boolean {
  const plain = (body ?? '').replace(/<[^>]*>/g, ' ').replace(/&nbsp;/g, ' ').replace(/\s+/g, ' ').trim().toLowerCase();
  return plain.startsWith(title.replace(/…$/, '').replace(/\s+/g, ' ').trim().toLowerCase());
}

function Body({ html }: { html: string }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const long = html.length > LONG_BODY;
  return (
    <div>
      <div className={classes.body} data-cut={(long && !whole) || undefined}>
        <FieldDisplay attribute={BODY} value={html} />
      </div>
      {long && (
        <button type="button" className={`k-link ${classes.toggle}`} onClick={() => setWhole(!whole)}>
          {whole ? t('record.timeline.less') : t('record.timeline.whole')}
        </button>
      )}
    </div>
  );
}

function Changes({ changes }: { changes: FieldChange[] }) {
  const t = useT();
  const [open, setOpen] = useState(changes.length <= SHOWN_CHANGES);
  if (!open) {
    return (
      <button type="button" className={`k-link ${classes.toggle}`} onClick={() => setOpen(true)}>
        {t('record.timeline.changedFields', { count: changes.length })}
      </button>
    );
  }
  return (
    <ul className={classes.changes}>
      {changes.map((change) => (
        <li key={change.attribute}>
          <span className={classes.changed}>{change.label}</span>
          <ChangedValue change={change} value={change.old} />
          <IconArrowRight size={16} stroke={1.75} aria-label={t('record.timeline.to')} className={classes.arrow} />
          <ChangedValue change={change} value={change.new} />
          <RestoreButton change={change} />
        </li>
      ))}
    </ul>
  );
}

/** Puts the old value back, by those who may write the record; not offered where it is the present one. */
function RestoreButton({ change }: { change: FieldChange }) {
  const t = useT();
  const client = useQueryClient();
  const { entity, record, access } = useOpenRecord();
  const attribute = attributeOf(entity, change.attribute);
  const restore = useMutation({
    mutationFn: () => restoreValue(change.entry!, change.attribute),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('record.timeline.restored', { field: change.label }) });
      await client.invalidateQueries({ queryKey: keys.recordsOf(entity.plural) });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const ref = asRef(change.old);
  const same = ref ? asRef(record[change.attribute])?.id === ref.id : JSON.stringify(record[change.attribute] ?? null) === JSON.stringify(change.old ?? null);
  if (!change.entry || !access.write || !attribute || attribute.read_only || attribute.type === 'state' || same || (ref && !ref.name)) return null;
  return (
    <button type="button" className={`k-link ${classes.restore}`} disabled={restore.isPending} aria-label={t('record.timeline.restoreOf', { field: change.label })} onClick={() => restore.mutate()}>
      {t('record.timeline.restore')}
    </button>
  );
}

function ChangedValue({ change, value }: { change: FieldChange; value: unknown }) {
  const t = useT();
  const { entity, record } = useOpenRecord();
  const attribute = attributeOf(entity, change.attribute);
  if (isEmpty(value)) return <span className={classes.none}>{t('fields.empty')}</span>;
  const ref = asRef(value);
  if (!attribute) return <span className={classes.changeValue}>{ref ? <RefLink value={ref} /> : String(value)}</span>;
  return (
    <span className={classes.changeValue}>
      <FieldDisplay attribute={{ ...attribute, states: entity.states }} value={value} record={record} entity={entity} />
    </span>
  );
}

/** A stored file with its size; opens the download. */
export function FileLink({ file }: { file: StoredFile }) {
  const t = useT();
  return (
    <a className={classes.file} href={file.url} download={file.name} title={t('record.file.download', { name: file.name })}>
      <IconPaperclip size={16} stroke={1.75} aria-hidden />
      <span className="k-truncate">{file.name}</span>
      <span className="k-meta">{formatBytes(file.size)}</span>
      <IconDownload size={16} stroke={1.75} aria-hidden />
    </a>
  );
}
