import { removeSampleData, type SampleRemoval } from '@/api/workspace';
import { useT } from '@/i18n';
import { findObject, recordPath, useSession } from '@/metadata';
import { confirm, ObjectIcon } from '@/ui';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import classes from './onboarding.module.css';
import { removedCount } from './progress';

/** Remove the sample records nobody worked on; those somebody did are listed and stay as ordinary records. */
export function SampleData({ present }: { present: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const removal = useMutation({
    mutationFn: removeSampleData,
    onSuccess: () => client.invalidateQueries(),
  });
  const ask = async () => {
    const yes = await confirm({ title: t('onboarding.sampleTitle'), body: t('onboarding.sampleBody'), confirmLabel: t('onboarding.sampleRemove'), destructive: true });
    if (yes) removal.mutate();
  };
  if (!present && !removal.data) return null;
  return (
    <section className={classes.sample}>
      <h2>{t('onboarding.sample')}</h2>
      {removal.data ? (
        <Removed answer={removal.data} />
      ) : (
        <>
          <p className={classes.lead}>{t('onboarding.sampleHint')}</p>
          <Button variant="default" loading={removal.isPending} onClick={() => void ask()}>
            {t('onboarding.sampleRemove')}
          </Button>
        </>
      )}
    </section>
  );
}

function Removed({ answer }: { answer: SampleRemoval }) {
  const t = useT();
  const session = useSession();
  return (
    <div role="status">
      <p className={classes.lead}>{t('onboarding.sampleRemoved', { count: removedCount(answer.removed) })}</p>
      {answer.kept.length > 0 && (
        <>
          <p className={classes.lead}>{t('onboarding.sampleKept', { count: answer.kept.length })}</p>
          <ul className={classes.kept}>
            {answer.kept.map((record) => {
              const object = findObject(session, record.object);
              return (
                <li key={record.id}>
                  <ObjectIcon name={object?.icon} color={object?.color} />
                  {object ? (
                    <a className="k-link" href={recordPath(object.plural, record.id)}>
                      {record.name}
                    </a>
                  ) : (
                    record.name
                  )}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
