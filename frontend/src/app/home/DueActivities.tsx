import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconCheckbox, IconCircle, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { runAction } from '@/api/records';
import { useT, type Key } from '@/i18n';
import { recordPath, useObject, type Action } from '@/metadata';
import { useQuickCreate } from '@/records/form/QuickCreateProvider';
import { dayOf, formatDayShort, formatTime } from '@/ui/formatting';
import { Icon } from '@/ui/icons';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { groupOf, useDueItems, type DueGroup, type DueItem } from './due';
import classes from './home.module.css';

const GROUPS: DueGroup[] = ['overdue', 'today', 'upcoming', 'noDate'];

/** The action that finishes an activity without asking anything. */
const finishing = (item: DueItem): Action | undefined =>
  item.entity.actions.find((action) => ['complete', 'close', 'mark_complete'].includes(action.name) && !action.parameters.some((parameter) => parameter.required));

/** The user's own activities: late, today, next days; done with one click. */
export function DueActivities() {
  const t = useT();
  const openCreate = useQuickCreate();
  const task = useObject('task');
  const { items, error, retry } = useDueItems();
  const groups = GROUPS.map((name) => ({ name, items: items?.filter((item) => groupOf(item.due) === name) ?? [] })).filter((group) => group.items.length);
  return (
    <section className={classes.card} aria-labelledby="due">
      <div className={classes.cardHead}>
        <h3 id="due">{t('home.due')}</h3>
        {task?.privileges.create && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => void openCreate({ object: 'task' })}>
            {t('home.newTask')}
          </Button>
        )}
      </div>
      {error != null && <ErrorState compact error={error} onRetry={retry} />}
      {!items && error == null && <SkeletonRows rows={6} />}
      {items && !items.length && error == null && <EmptyState compact icon={<IconCheckbox size={18} stroke={1.75} />} title={t('home.nothing')} body={t('home.nothingBody')} />}
      {groups.map((group) => (
        <div key={group.name} role="group" aria-label={t(`home.${group.name}` as Key)}>
          <div className={classes.day} data-late={group.name === 'overdue' || undefined}>
            {t(`home.${group.name}` as Key)} <span className="k-num">{group.items.length}</span>
          </div>
          {group.items.map((item) => (
            <DueRow key={item.record.id} item={item} group={group.name} />
          ))}
        </div>
      ))}
    </section>
  );
}

function whenText(item: DueItem, group: DueGroup): string {
  if (!item.due) return '';
  if (/^\d{4}-\d{2}-\d{2}$/.test(item.due)) return group === 'today' ? '' : formatDayShort(item.due);
  return group === 'today' ? formatTime(item.due) : `${formatDayShort(dayOf(item.due))}, ${formatTime(item.due)}`;
}

function DueRow({ item, group }: { item: DueItem; group: DueGroup }) {
  const t = useT();
  const client = useQueryClient();
  const action = finishing(item);
  const { plural } = item.entity;
  const refresh = () => client.invalidateQueries({ queryKey: keys.recordsOf(plural) });
  const finish = useMutation({
    mutationFn: () => runAction(plural, item.record.id, action!.name),
    onSuccess: async () => {
      const reopen = item.entity.actions.find((entry) => ['reopen', 'activate'].includes(entry.name));
      toast({
        message: t('home.completed', { name: item.name }),
        kind: 'success',
        undo: reopen ? () => runAction(plural, item.record.id, reopen.name).then(refresh) : undefined,
      });
      await refresh();
    },
  });
  return (
    <div className={classes.row} style={finish.isPending ? { opacity: 0.5 } : undefined}>
      {action ? (
        <Tooltip label={action.label}>
          <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('home.complete', { name: item.name })} disabled={finish.isPending} onClick={() => finish.mutate()}>
            <IconCircle size={18} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <Icon name={item.entity.icon} />
      )}
      {action && <Icon name={item.entity.icon} style={{ color: 'var(--k-text-3)' }} />}
      <a className={classes.name} href={recordPath(plural, item.record.id)} title={item.name}>
        {item.name}
      </a>
      {item.regarding && <span className={classes.regarding} title={item.regarding.name}>{item.regarding.name}</span>}
      <span className={classes.when} data-late={group === 'overdue' || undefined}>{whenText(item, group)}</span>
    </div>
  );
}
