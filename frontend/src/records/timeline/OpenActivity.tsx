import { errorMessage, runAction, type Ref, type TimelineItem } from '@/api';
import { RefLink } from '@/fields';
import { useT } from '@/i18n';
import { findObject, recordPath, useSession } from '@/metadata';
import { formatDateTime, formatRelative, toast } from '@/ui';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { createElement, useState } from 'react';
import { refreshRecord } from '../record/cache';
import { dueOf } from '../record/nextActivity';
import { useOpenRecord } from '../record/RecordContext';
import { useNow } from '../record/useNow';
import { kindIcon } from './kinds';
import classes from './timeline.module.css';

/** Something planned: what, when (red when late), and complete or cancel in place. */
export function OpenActivity({ item }: { item: TimelineItem }) {
  const t = useT();
  const client = useQueryClient();
  const session = useSession();
  const { entity, record } = useOpenRecord();
  const [busy, setBusy] = useState<'complete' | 'cancel' | null>(null);
  const object = findObject(session, item.object ?? item.kind);
  const now = useNow();
  const due = dueOf(item);
  const late = !!due && Date.parse(due) < now;
  const title = item.title || object?.label || item.kind;
  // Rolled up from a contact or an opportunity: say whose it is.
  const about = item.regarding as Ref | null | undefined;

  const close = async (action: 'complete' | 'cancel') => {
    if (!object) return;
    setBusy(action);
    try {
      await runAction(object.plural, item.id, action);
      toast({ kind: 'success', message: t(action === 'complete' ? 'record.activity.completed' : 'record.activity.canceled', { title }) });
      void client.invalidateQueries({ queryKey: ['records', object.plural] });
      refreshRecord(client, entity.plural, record.id);
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    } finally {
      setBusy(null);
    }
  };

  return (
    <li className={classes.open} data-late={late || undefined}>
      <Tooltip label={t('record.activity.complete')}>
        <ActionIcon variant="default" radius="xl" size={24} loading={busy === 'complete'} disabled={!object || !!busy} aria-label={t('record.activity.completeNamed', { title })} onClick={() => void close('complete')}>
          <IconCheck size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
      <span className={classes.openText}>
        <span className={classes.openTitle}>
          {createElement(kindIcon(item.kind), { size: 16, stroke: 1.75, 'aria-hidden': true })}
          {object ? (
            <a className="k-truncate" href={recordPath(object.plural, item.id)}>
              {title}
            </a>
          ) : (
            <span className="k-truncate">{title}</span>
          )}
        </span>
        <span className={classes.due}>
          {due ? <time dateTime={due} title={formatDateTime(due)}>{late ? t('record.activity.late', { when: formatRelative(due) }) : formatRelative(due)}</time> : t('record.next.noTime')}
          {item.actor && ` · ${item.actor.name}`}
          {about && about.id !== record.id && (
            <span className={classes.about}>
              {` · ${t('record.timeline.about')} `}
              <RefLink value={about} />
            </span>
          )}
        </span>
      </span>
      <Tooltip label={t('record.activity.cancel')}>
        <ActionIcon variant="subtle" color="gray" size={24} loading={busy === 'cancel'} disabled={!object || !!busy} aria-label={t('record.activity.cancelNamed', { title })} onClick={() => void close('cancel')}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
