/** What a list shows when there are no rows to show. */
import { Button } from '@mantine/core';
import { IconFilterOff, IconPlugConnectedX, IconPlus } from '@tabler/icons-react';

import { useT } from '@/i18n';
import { usePrivilege, type Entity } from '@/metadata';
import { EmptyState, ErrorState, ObjectIcon } from '@/ui';

export interface ListStatesProps {
  entity: Entity;
  error: unknown;
  broken: string[];
  /** Whether a filter or a search term hides records. */
  filtered: boolean;
  q: string;
  onRetry: () => void;
  onClear: () => void;
  onCreate: () => void;
}

/** Error, broken view, nothing found, or nothing there yet. */
export function ListStates({ entity, error, broken, filtered, q, onRetry, onClear, onCreate }: ListStatesProps) {
  const t = useT();
  const canCreate = usePrivilege(entity.name, 'create');
  const canImport = usePrivilege(entity.name, 'import') && entity.features.includes('import');
  if (error) return <ErrorState error={error} onRetry={onRetry} />;
  if (broken.length) {
    return (
      <EmptyState
        icon={<IconPlugConnectedX size={20} stroke={1.75} />}
        title={t('lists.broken.title')}
        body={t('lists.broken.body', { names: broken.join(', ') })}
        action={
          <Button variant="default" onClick={onClear}>
            {t('lists.filter.clearAll')}
          </Button>
        }
      />
    );
  }
  if (filtered) {
    return (
      <EmptyState
        icon={<IconFilterOff size={20} stroke={1.75} />}
        title={q ? t('lists.none.search', { q }) : t('lists.none.filter', { objects: entity.label_plural })}
        body={t('lists.none.body')}
        action={
          <Button variant="default" onClick={onClear}>
            {t('lists.filter.clearAll')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={<ObjectIcon name={entity.icon} color={entity.color} size={28} />}
      title={t('lists.empty.title', { objects: entity.label_plural })}
      body={t('lists.empty.body', { objects: entity.label_plural })}
      action={
        canCreate && (
          <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={onCreate}>
            {t('lists.create', { object: entity.label })}
          </Button>
        )
      }
      secondary={
        canImport && (
          <Button component="a" href={`/import?object=${entity.name}`} variant="default">
            {t('lists.empty.import')}
          </Button>
        )
      }
    />
  );
}
