import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconChevronRight, IconCircle, IconCircleCheckFilled, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { ApiError } from '@/api/errors';
import type { Checklist as ChecklistDocument } from '@/api/types';
import { readChecklist, runChecklistAction } from '@/api/workspace';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { toast } from '@/ui/toast';
import { isReadOnly } from '../shell/TopStrip';
import classes from './home.module.css';

/** The first steps, ticked by facts in the data; gone once dismissed or done. */
export function Checklist() {
  const t = useT();
  const client = useQueryClient();
  const { user, workspace } = useSession();
  const { data, error } = useQuery({ queryKey: keys.checklist, queryFn: ({ signal }) => readChecklist(signal), staleTime: 60_000 });
  const dismiss = useMutation({
    mutationFn: () => runChecklistAction('dismiss'),
    onMutate: () => client.setQueryData<ChecklistDocument>(keys.checklist, (before) => before && { ...before, dismissed: true }),
    onError: () => client.invalidateQueries({ queryKey: keys.checklist }),
  });
  const removeSample = useMutation({
    mutationFn: () => runChecklistAction('remove_sample_data'),
    onSuccess: async () => {
      toast({ message: t('home.sampleRemoved'), kind: 'success' });
      await client.invalidateQueries();
    },
  });

  // A workspace without the checklist feature answers 404: nothing to show, nothing wrong.
  if (error instanceof ApiError && error.isAbsentOrForbidden) return null;
  const items = data?.items ?? [];
  // While nothing can be changed the steps would only lead to refusals.
  if (!data || data.dismissed || isReadOnly(workspace) || !items.length || items.every((item) => item.done)) return null;
  const done = items.filter((item) => item.done).length;

  const askRemove = async () => {
    if (await confirm({ title: t('home.sampleConfirm'), body: t('home.sampleConfirmBody'), confirmLabel: t('home.sampleRemove'), destructive: true })) removeSample.mutate();
  };

  return (
    <section className={classes.card} aria-labelledby="checklist">
      <div className={classes.cardHead}>
        <h3 id="checklist">{t('home.checklist')}</h3>
        <span className="k-meta">{t('home.checklistProgress', { done, total: items.length })}</span>
        <Tooltip label={t('home.checklistDismiss')}>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('home.checklistDismiss')} onClick={() => dismiss.mutate()}>
            <IconX size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.progress}>
        <div style={{ width: `${(done / items.length) * 100}%` }} />
      </div>
      {items.map((item) => {
        const sign = item.done ? <IconCircleCheckFilled size={18} style={{ color: 'var(--k-green)' }} aria-hidden /> : <IconCircle size={18} stroke={1.5} style={{ color: 'var(--k-text-3)' }} aria-hidden />;
        const text = (
          <>
            {sign}
            <span className={classes.name}>
              {item.label}
              {!item.done && item.help && <span className={classes.help}>{item.help}</span>}
              {item.done && <span className="k-visually-hidden"> ({t('ui.done')})</span>}
            </span>
          </>
        );
        return item.url && !item.done ? (
          <a key={item.key} className={classes.step} href={item.url}>
            {text}
            <IconChevronRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
          </a>
        ) : (
          <div key={item.key} className={classes.step} data-done={item.done || undefined}>
            {text}
          </div>
        );
      })}
      {data.sample_data && user.is_admin && (
        <div className={classes.sample}>
          {t('home.sample')}
          <Button size="xs" variant="default" loading={removeSample.isPending} onClick={() => void askRemove()}>
            {t('home.sampleRemove')}
          </Button>
        </div>
      )}
    </section>
  );
}
