import { useT } from '@/i18n';
import { recordName, recordPath, useEntity } from '@/metadata';
import { SidePanel, useShortcut } from '@/ui';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowsDiagonal, IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { RecordContent, type RecordView } from './RecordContent';
import { RecordProblem, RecordSkeleton } from './RecordStates';
import { recordQuery } from './useRecord';

export interface RecordPanelProps {
  /** Name of the object. */
  object: string;
  id: string;
  onClose: () => void;
  /** The records before and after it in the list behind; absent at the ends. */
  onPrevious?: () => void;
  onNext?: () => void;
}

/** A record beside the list it was opened from, 480 px wide: the same content as its page. */
export function RecordPanel(props: RecordPanelProps) {
  return (
    <Suspense fallback={<LoadingPanel onClose={props.onClose} />}>
      <Panel key={props.id} {...props} />
    </Suspense>
  );
}

function LoadingPanel({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <SidePanel title={t('ui.loading')} label={t('ui.loading')} onClose={onClose}>
      <RecordSkeleton />
    </SidePanel>
  );
}

function Panel({ object, id, onClose, onPrevious, onNext }: RecordPanelProps) {
  const t = useT();
  const router = useRouter();
  const entity = useEntity(object);
  const { data: record, error, refetch } = useQuery(recordQuery(entity.plural, id));
  const [view, setView] = useState<RecordView>({ tab: 'details', filter: 'all', editing: false });
  const open = () => router.history.push(recordPath(entity.plural, id));
  useShortcut('enter', open);
  useShortcut('[', () => onPrevious?.(), { enabled: !!onPrevious });
  useShortcut(']', () => onNext?.(), { enabled: !!onNext });
  return (
    <SidePanel
      title={entity.label}
      label={record ? recordName(entity, record) : entity.label}
      onClose={onClose}
      actions={
        <>
          {(onPrevious || onNext) && (
            <>
              <Tooltip label={t('record.neighbours.previous')}>
                <ActionIcon variant="subtle" color="gray" size={28} disabled={!onPrevious} aria-label={t('record.neighbours.previous')} onClick={onPrevious}>
                  <IconChevronUp size={18} stroke={1.75} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={t('record.neighbours.next')}>
                <ActionIcon variant="subtle" color="gray" size={28} disabled={!onNext} aria-label={t('record.neighbours.next')} onClick={onNext}>
                  <IconChevronDown size={18} stroke={1.75} />
                </ActionIcon>
              </Tooltip>
            </>
          )}
          <Tooltip label={t('record.menu.openPage')}>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('record.menu.openPage')} onClick={open}>
              <IconArrowsDiagonal size={18} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      {record ? (
        <RecordContent entity={entity} record={record} view={view} onView={(change) => setView((before) => ({ ...before, ...change }))} panel onGone={onClose} />
      ) : error ? (
        <RecordProblem entity={entity} id={id} error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordSkeleton />
      )}
    </SidePanel>
  );
}
