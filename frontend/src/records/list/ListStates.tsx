/** What a list shows when there are no rows to show. */
import { formerLabel } from '../filter/broken';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconFilterOff, IconPlugConnectedX, IconPlus } from '@tabler/icons-react';

import { listRecords } from '@/api';
import { useT } from '@/i18n';
import { usePrivilege, type Entity } from '@/metadata';
import { EmptyState, ErrorState, ObjectIcon } from '@/ui';
import { MEMBER_OF } from '../filter/paths';

export interface ListStatesProps {
  entity: Entity;
  error: unknown;
  broken: string[];
  /** Whether a filter or a search term hides records. */
  filtered: boolean;
  q: string;
  /** The view itself filters, the user added nothing. */
  asInView?: boolean;
  onRetry: () => void;
  onClear: () => void;
  onCreate: () => void;
}

/** Error, broken view, nothing found, or nothing there yet. */
export function ListStates({ entity, error, broken, filtered, q, asInView, onRetry, onClear, onCreate }: ListStatesProps) {
  const t = useT();
  const canCreate = usePrivilege(entity.name, 'create');
  const canImport = usePrivilege(entity.name, 'import') && entity.features.includes('import');
  // A view that filters may hide that there is nothing at all yet; then saying so helps more than "clear the filters".
  const any = useQuery({
    queryKey: ['records', entity.plural, 'list', 'any'],
    queryFn: ({ signal }) => listRecords(entity.plural, { limit: 1, fields: [entity.primary_attribute], count: 'none' }, signal),
    enabled: filtered && !error && !broken.length,
  });
  if (error) return <ErrorState error={error} onRetry={onRetry} />;
  if (broken.length) {
    return (
      <EmptyState
        icon={<IconPlugConnectedX size={20} stroke={1.75} />}
        title={t('lists.broken.title')}
        body={t('lists.broken.body', { names: broken.map((name) => (name === MEMBER_OF ? (entity.collected_in?.label ?? name) : formerLabel(entity, name))).join(', ') })}
        action={
          <Button variant="default" onClick={onClear}>
            {t('lists.broken.mend')}
          </Button>
        }
      />
    );
  }
  if (filtered && any.isPending) return null;
  if (filtered && any.data?.rows.length !== 0) {
    return (
      <EmptyState
        icon={<IconFilterOff size={20} stroke={1.75} />}
        title={q ? t('lists.none.search', { q }) : asInView ? t('lists.none.view') : t('lists.none.filter', { objects: entity.label_plural })}
        body={asInView && !q ? t('lists.none.viewBody', { objects: entity.label_plural }) : t('lists.none.body')}
        action={
          <Button variant="default" onClick={onClear}>
            {asInView && !q ? t('lists.view.all', { objects: entity.label_plural }) : t('lists.filter.clearAll')}
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
