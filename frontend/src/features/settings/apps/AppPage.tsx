import { ActionIcon, Button, CopyButton, Modal } from '@mantine/core';
import { IconCheck, IconChevronLeft, IconCopy, IconUser } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { changeApp, deleteApp, listApps, rotateAppSecret, type App } from '@/api/apps';
import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { formatDate, formatRelative } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import { ShownSecret } from '../security/ShownSecret';
import classes from '../settings.module.css';
import { AppFields, isAtField, toFacts, type AppDraft } from './AppFields';
import own from './apps.module.css';

/** One app: how it connects, what it may, who lets it act. */
export function AppPage({ id }: { id: string }) {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.apps, queryFn: ({ signal }) => listApps(signal) });
  const app = data?.find((row) => row.id === id);
  const back = (
    <a className={classes.crumb} href="/settings/apps">
      <IconChevronLeft size={14} stroke={1.75} aria-hidden />
      {t('settings.apps')}
    </a>
  );
  if (data && !app) return <ErrorState error={{ status: 404 }} />;
  return (
    <SectionFrame above={back} title={app?.name ?? '…'} documentTitle={app?.name ?? t('settings.apps')} intro={app && registered(t, app)} actions={app && <Remove app={app} />}>
      {error && !data && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={4} height={48} />}
      {app && (
        <>
          <Connect app={app} />
          <People app={app} />
          <Facts key={app.id} app={app} />
        </>
      )}
    </SectionFrame>
  );
}

/** Who makes it, who registered it and when. */
function registered(t: ReturnType<typeof useT>, app: App): string {
  const date = formatDate(app.created_at);
  const by = app.created_by ? t('apps.registeredBy', { name: app.created_by.name, date }) : t('apps.registered', { date });
  return [app.publisher, by].filter(Boolean).join(' · ');
}

function Remove({ app }: { app: App }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteApp(app.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('apps.removed', { name: app.name }) });
      void navigate({ to: '/settings/apps' });
      await client.invalidateQueries({ queryKey: keys.apps });
    },
  });
  const ask = async () => {
    if (await confirm({ title: t('apps.removeTitle', { name: app.name }), body: t('apps.removeBody', { count: app.users.length }), confirmLabel: t('apps.remove'), destructive: true })) remove.mutate();
  };
  return (
    <Button variant="default" color="red" loading={remove.isPending} onClick={() => void ask()}>
      {t('apps.remove')}
    </Button>
  );
}

function Connect({ app }: { app: App }) {
  const t = useT();
  const client = useQueryClient();
  const rotate = useMutation({ mutationFn: () => rotateAppSecret(app.id), onSuccess: () => client.invalidateQueries({ queryKey: keys.apps }) });
  const ask = async () => {
    if (await confirm({ title: t('apps.rotateTitle'), body: t('apps.rotateBody'), confirmLabel: t('apps.rotate'), destructive: true })) rotate.mutate();
  };
  const { origin } = window.location;
  return (
    <Group title={t('apps.connect')} help={t('apps.connectHelp')}>
      <dl className={own.facts}>
        <Copyable label={t('apps.clientId')} value={app.client_id} />
        <Copyable label={t('apps.authorize')} value={`${origin}/oauth/authorize`} />
        <Copyable label={t('apps.token')} value={`${origin}/oauth/token`} />
        <dt>{t('apps.secret')}</dt>
        <dd>
          {app.confidential ? <code>{app.secret_prefix}…</code> : t('apps.noSecret')}
          {app.confidential && (
            <Button size="xs" variant="default" loading={rotate.isPending} onClick={() => void ask()}>
              {t('apps.rotate')}
            </Button>
          )}
        </dd>
      </dl>
      {rotate.data && (
        <Modal opened onClose={rotate.reset} size={480} title={t('apps.secretOf', { name: app.name })} closeOnClickOutside={false} closeOnEscape={false} closeButtonProps={{ 'aria-label': t('ui.close') }}>
          <ShownSecret label={t('apps.secret')} secret={rotate.data.secret} onDone={rotate.reset} />
        </Modal>
      )}
    </Group>
  );
}

function Copyable({ label, value }: { label: string; value: string }) {
  const t = useT();
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <ActionIcon size="sm" variant="subtle" color="gray" onClick={copy} aria-label={copied ? t('security.copied') : t('domains.copy', { what: label })} title={t('domains.copy', { what: label })}>
              {copied ? <IconCheck size={16} stroke={1.75} /> : <IconCopy size={16} stroke={1.75} />}
            </ActionIcon>
          )}
        </CopyButton>
      </dd>
    </>
  );
}

function People({ app }: { app: App }) {
  const t = useT();
  return (
    <Group title={t('apps.people')} help={t('apps.peopleHelp')}>
      {app.users.length === 0 && <p className="k-meta">{t('apps.nobody')}</p>}
      {app.users.length > 0 && (
        <div className={classes.card}>
          {app.users.map((use, index) => (
            <div key={use.user?.id ?? index} className={classes.cardRow}>
              <IconUser size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
              <div className={classes.grow}>
                <div className="k-truncate">{use.user?.name ?? '–'}</div>
                <div className="k-meta">
                  {[t(use.may_write ? 'apps.writes' : 'apps.reads'), t('apps.since', { date: formatDate(use.since) }), use.last_used_at ? t('security.used', { when: formatRelative(use.last_used_at) }) : t('security.neverUsed')].join(' · ')}
                </div>
              </div>
            </div>
          ))}
        </div>
      )}
    </Group>
  );
}

const draftOf = (app: App): AppDraft => ({
  name: app.name,
  publisher: app.publisher,
  addresses: app.redirect_uris.join('\n'),
  mayWrite: app.may_write,
  service: app.service_user ? { object: 'user', ...app.service_user } : null,
});

function Facts({ app }: { app: App }) {
  const t = useT();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(app));
  const changed = JSON.stringify(toFacts(draft)) !== JSON.stringify(toFacts(draftOf(app)));
  const save = useMutation({
    mutationFn: () => changeApp(app.id, app.confidential ? toFacts(draft) : { ...toFacts(draft), service_user: undefined }),
    onSuccess: async (saved) => {
      setDraft(draftOf(saved));
      toast({ kind: 'success', message: t('apps.saved', { name: saved.name }) });
      await client.invalidateQueries({ queryKey: keys.apps });
    },
    // Shown in the form.
    onError: () => undefined,
  });
  return (
    <Group title={t('apps.facts')}>
      <form
        style={{ display: 'grid', gap: 16, maxWidth: 480, marginTop: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <AppFields draft={draft} confidential={app.confidential} error={save.error} onChange={setDraft} />
        {save.error && !isAtField(save.error) && (
          <div role="alert" style={{ color: 'var(--k-red)' }}>
            {errorMessage(save.error)}
          </div>
        )}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!changed || !draft.name.trim()}>
            {t('apps.save')}
          </Button>
        </div>
      </form>
    </Group>
  );
}
