import { Button, Group as Buttons } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { endOtherSessions, endSession, listSessions, type OwnSession } from '@/api/ownAccess';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { formatDate, formatRelative } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';
import { browserOf } from './browsers';

const SHOWN_AT_FIRST = 5;

/** The browsers this user is signed in with. */
export function Sessions() {
  const t = useT();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: keys.ownSessions, queryFn: ({ signal }) => listSessions(signal) });
  const [all, setAll] = useState(false);
  const ordered = data && [...data.filter(({ current }) => current), ...data.filter(({ current }) => !current)];
  const shown = all ? ordered : ordered?.slice(0, SHOWN_AT_FIRST);
  const endOthers = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: async ({ ended }) => {
      toast({ kind: 'success', message: t('security.othersEnded', { count: ended }) });
      await client.invalidateQueries({ queryKey: keys.ownSessions });
    },
  });
  return (
    <Group title={t('security.sessions')} help={t('security.sessionsHelp')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} height={48} />}
      {shown && (
        <div className={classes.card}>
          {shown.map((session) => (
            <Row key={session.id} session={session} />
          ))}
        </div>
      )}
      {data && data.length > 1 && (
        <Buttons gap="sm" mt="md">
          <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t('security.endOthers')}
          </Button>
          {data.length > (shown?.length ?? 0) && (
            <Button variant="subtle" onClick={() => setAll(true)}>
              {t('security.allSessions', { count: data.length })}
            </Button>
          )}
        </Buttons>
      )}
    </Group>
  );
}

function Row({ session }: { session: OwnSession }) {
  const t = useT();
  const client = useQueryClient();
  const { browser, system, phone } = browserOf(session.agent);
  const name = browser && system ? t('security.browserOn', { browser, system }) : (browser ?? system ?? t('security.unknownBrowser'));
  const end = useMutation({
    mutationFn: () => endSession(session.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('security.ended', { name }) });
      await client.invalidateQueries({ queryKey: keys.ownSessions });
    },
  });
  const facts = [
    session.current ? null : t('security.seen', { when: formatRelative(session.seen_at ?? session.created_at) }),
    t('security.signedIn', { date: formatDate(session.created_at) }),
    session.ip,
  ].filter(Boolean);
  const Icon = phone ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <div className={classes.cardRow}>
      <Icon size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={classes.grow}>
        <div className="k-truncate">{name}</div>
        <div className="k-meta k-truncate">{facts.join(' · ')}</div>
      </div>
      {session.current ? (
        <Chip dot label={t('security.thisBrowser')} color="green" />
      ) : (
        <Button size="xs" variant="default" loading={end.isPending} aria-label={`${t('security.end')}: ${name}`} onClick={() => end.mutate()}>
          {t('security.end')}
        </Button>
      )}
    </div>
  );
}
