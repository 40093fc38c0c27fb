import { keys, readChecklist, runChecklistAction, type Checklist } from '@/api';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { ErrorState, PageFrame, SkeletonRows } from '@/ui';
import { Button } from '@mantine/core';
import { IconChevronRight, IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import classes from './onboarding.module.css';
import { progressOf } from './progress';
import { SampleData } from './SampleData';

/** `/onboarding`: the first steps with what they are good for, also after they were hidden from the start page (PEERS 5.1). */
export default function OnboardingPage() {
  const t = useT();
  const { data, error, isPending, refetch } = useQuery({ queryKey: keys.checklist, queryFn: ({ signal }) => readChecklist(signal), staleTime: 60_000 });
  return (
    <PageFrame title={t('onboarding.title')} narrow>
      {error ? <ErrorState error={error} onRetry={() => void refetch()} /> : isPending ? <SkeletonRows rows={6} height={56} /> : <Steps checklist={data} />}
    </PageFrame>
  );
}

function Steps({ checklist }: { checklist: Checklist }) {
  const t = useT();
  const client = useQueryClient();
  const { user } = useSession();
  const { done, total, next } = progressOf(checklist);
  const toggle = useMutation({
    mutationFn: () => runChecklistAction(checklist.dismissed ? 'show' : 'dismiss'),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.checklist }),
  });
  return (
    <div className={classes.page}>
      <p className={classes.lead}>{next ? t('onboarding.lead', { done, total }) : t('onboarding.allDone')}</p>
      <div className={classes.bar} role="progressbar" aria-valuenow={done} aria-valuemin={0} aria-valuemax={total} aria-label={t('onboarding.title')}>
        <div style={{ width: `${total ? (done / total) * 100 : 0}%` }} />
      </div>
      <ol className={classes.steps}>
        {checklist.items.map((item) => (
          <li key={item.key}>
            <a className={classes.step} href={item.url ?? '/'} data-next={item === next || undefined}>
              {item.done ? <IconCircleCheckFilled size={20} className={classes.done} aria-label={t('ui.done')} /> : <IconCircle size={20} stroke={1.5} className={classes.open} aria-hidden />}
              <span className={classes.text}>
                <span className={classes.label}>{item.label}</span>
                {item.help && <span className={classes.help}>{item.help}</span>}
              </span>
              <IconChevronRight size={16} stroke={1.75} className={classes.open} aria-hidden />
            </a>
          </li>
        ))}
      </ol>
      <Button variant="default" className={classes.toggle} loading={toggle.isPending} onClick={() => toggle.mutate()}>
        {checklist.dismissed ? t('onboarding.showAtStart') : t('onboarding.hideAtStart')}
      </Button>
      {user.is_admin && <SampleData present={checklist.sample_data} />}
    </div>
  );
}
