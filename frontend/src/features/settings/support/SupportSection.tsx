import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { grantSupportAccess, readSupportAccess, revokeSupportAccess, type SupportAccess, type SupportEvent } from '@/api/support';
import { useT, type Key } from '@/i18n';
import { useSession } from '@/metadata';
import { formatDate, formatTime } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';

const HOURS = ['1', '4', '24', '72'];
const moment = (instant: string) => `${formatDate(instant)} ${formatTime(instant)}`;

/** Let the provider's support in for some hours, take that back, and see what it did. */
export default function SupportSection() {
  const t = useT();
  const { workspace } = useSession();
  const { data, error, refetch } = useQuery({ queryKey: keys.supportAccess, queryFn: ({ signal }) => readSupportAccess(signal), refetchInterval: 30_000 });
  return (
    <SectionFrame wide title={t('support.title')} documentTitle={t('support.title')} intro={t('support.intro', { product: workspace.product_name })}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={40} />}
      {data && (data.grant ? <Open grant={data.grant} /> : <Give />)}
      {data && <Events events={data.events} />}
    </SectionFrame>
  );
}

function useChange(run: () => Promise<SupportAccess>, message: Key) {
  const t = useT();
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (answer) => {
      client.setQueryData(keys.supportAccess, answer);
      toast({ message: t(message), kind: 'success', id: 'support' });
    },
  });
}

function Open({ grant }: { grant: NonNullable<SupportAccess['grant']> }) {
  const t = useT();
  const revoke = useChange(revokeSupportAccess, 'support.revoked');
  return (
    <div className={classes.card}>
      <div className={classes.cardRow}>
        <IconLifebuoy size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-amber)', flex: 'none' }} />
        <div className={classes.grow}>
          <div>{t(grant.may_write ? 'support.openWrite' : 'support.openRead', { until: moment(grant.expires_at) })}</div>
          <div className="k-meta">{[t('support.by', { name: grant.granted_by }), grant.note].filter(Boolean).join(' · ')}</div>
        </div>
        <Button size="xs" variant="default" color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('support.revoke')}
        </Button>
      </div>
    </div>
  );
}

function Give() {
  const t = useT();
  const [hours, setHours] = useState('4');
  const [mayWrite, setMayWrite] = useState(false);
  const [note, setNote] = useState('');
  const give = useChange(() => grantSupportAccess({ hours: Number(hours), may_write: mayWrite, note }), 'support.granted');
  return (
    <form
      style={{ display: 'grid', gap: 16, maxWidth: 480 }}
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate();
      }}
    >
      <NativeSelect label={t('support.hours')} value={hours} onChange={(event) => setHours(event.currentTarget.value)} data={HOURS.map((value) => ({ value, label: t('support.hoursOption', { count: Number(value) }) }))} />
      <TextInput label={t('support.note')} placeholder={t('support.notePlaceholder')} maxLength={500} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <Checkbox label={t('support.mayWrite')} description={t('support.mayWriteHelp')} checked={mayWrite} onChange={(event) => setMayWrite(event.currentTarget.checked)} />
      {give.error && <ErrorState compact error={give.error} />}
      <div>
        <Button type="submit" loading={give.isPending}>
          {t('support.give')}
        </Button>
      </div>
    </form>
  );
}

function Events({ events }: { events: SupportEvent[] }) {
  const t = useT();
  return (
    <div style={{ marginTop: 32 }}>
      <Group title={t('support.events')} help={t('support.eventsHelp')} id="support-events">
        {!events.length && <p className={classes.help}>{t('support.noEvents')}</p>}
        {events.length > 0 && (
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('support.when')}</th>
                <th scope="col" className={classes.hideNarrow}>{t('support.who')}</th>
                <th scope="col">{t('support.what')}</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <tr key={event.id}>
                  <td>{moment(event.at)}</td>
                  <td className={classes.hideNarrow}>{event.operator}</td>
                  <td>{event.act === 'request' ? <code>{`${event.method} ${event.path} → ${event.status}`}</code> : t(`support.act.${event.act}` as Key)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Group>
    </div>
  );
}
