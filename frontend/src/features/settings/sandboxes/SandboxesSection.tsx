import '@mantine/core/styles/Progress.layer.css';
import { Button, Checkbox, Progress, TextInput } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { createSandbox, deleteSandbox, readSandboxes, refreshSandbox, type Sandbox, type SandboxOperation, type Sandboxes } from '@/api/sandboxes';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { formatDateTime, formatNumber } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { NotInPlan } from '../NotInPlan';
import { Group, SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import { WithheldMails } from './WithheldMails';

const POLL_MS = 1500;
const isBusy = (operation: SandboxOperation | null | undefined): boolean => operation?.state === 'queued' || operation?.state === 'running';

/** Copies of the workspace to try things in: create, open, refresh, delete (PLT-13). */
export default function SandboxesSection() {
  const t = useT();
  const { workspace } = useSession();
  const { data, error, refetch } = useQuery({
    enabled: !workspace.sandbox,
    queryKey: keys.sandboxes,
    queryFn: ({ signal }) => readSandboxes(signal),
    staleTime: 0,
    refetchInterval: (query) => (isBusy(query.state.data?.operation) ? POLL_MS : false),
  });
  return (
    <SectionFrame title={t('sandboxes.title')} documentTitle={t('sandboxes.title')} intro={t('sandboxes.intro')}>
      {workspace.sandbox && <p className={settings.help}>{t('sandboxes.here')}</p>}
      {workspace.sandbox && <WithheldMails />}
      {!workspace.sandbox && error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!workspace.sandbox && !data && !error && <SkeletonRows rows={2} height={48} />}
      {!workspace.sandbox && data && <Room data={data} />}
    </SectionFrame>
  );
}

function useChange<T>(run: (value: T) => Promise<Sandboxes>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: (answer) => client.setQueryData(keys.sandboxes, answer) });
}

function Room({ data }: { data: Sandboxes }) {
  const t = useT();
  const busy = isBusy(data.operation);
  const full = data.limit !== null && data.rows.length >= data.limit;
  return (
    <>
      {busy && data.operation && <Running operation={data.operation} />}
      {data.operation?.state === 'failed' && (
        <div role="alert" className={settings.strip}>
          {t(`sandboxes.failed.${data.operation.kind}`, { name: data.operation.name })}
        </div>
      )}
      {data.rows.length > 0 && (
        <div className={settings.card} style={{ marginBottom: 16 }}>
          {data.rows.map((row) => (
            <Row key={row.id} row={row} busy={busy} />
          ))}
        </div>
      )}
      <p className="k-meta">{t('sandboxes.used', { used: formatNumber(data.rows.length), limit: data.limit === null ? '∞' : formatNumber(data.limit) })}</p>
      {full ? (
        <NotInPlan text={t(data.limit === 0 ? 'sandboxes.notInPlan' : 'sandboxes.full')} />
      ) : (
        <Create busy={busy} />
      )}
    </>
  );
}

function Running({ operation }: { operation: SandboxOperation }) {
  const t = useT();
  const label = t(`sandboxes.running.${operation.kind}`, { name: operation.name });
  return (
    <div className={settings.card} aria-live="polite" style={{ marginBottom: 16 }}>
      <div className={settings.cardRow}>
        <div className={settings.grow} style={{ display: 'grid', gap: 8 }}>
          <div>{label}</div>
          <Progress value={operation.percent} size="sm" aria-label={label} />
          <div className="k-meta">{t('sandboxes.leave')}</div>
        </div>
      </div>
    </div>
  );
}

function Row({ row, busy }: { row: Sandbox; busy: boolean }) {
  const t = useT();
  const [withData, setWithData] = useState(true);
  const refresh = useChange((id: string) => refreshSandbox(id, withData));
  const remove = useChange(deleteSandbox);
  const askRefresh = async () => {
    if (await confirm({ title: t('sandboxes.refreshTitle', { name: row.name }), body: t(withData ? 'sandboxes.refreshBody' : 'sandboxes.refreshEmptyBody'), confirmLabel: t('sandboxes.refresh'), destructive: true })) refresh.mutate(row.id);
  };
  const askRemove = async () => {
    if (await confirm({ title: t('sandboxes.deleteTitle', { name: row.name }), body: t('sandboxes.deleteBody'), confirmLabel: t('sandboxes.delete'), destructive: true, typeToConfirm: row.name })) remove.mutate(row.id);
  };
  return (
    <div className={settings.cardRow}>
      <IconFlask size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={settings.grow}>
        <div>{row.name}</div>
        <div className="k-meta" style={{ overflowWrap: 'anywhere' }}>
          <a href={row.url}>{row.url.replace(/^https?:\/\//, '').replace(/\/$/, '')}</a> · {formatDateTime(row.created_at)}
        </div>
        <Checkbox size="xs" mt={6} label={t('sandboxes.refreshData')} checked={withData} onChange={(event) => setWithData(event.currentTarget.checked)} />
      </div>
      <Button size="xs" variant="default" disabled={busy} loading={refresh.isPending} onClick={() => void askRefresh()}>
        {t('sandboxes.refresh')}
      </Button>
      <Button size="xs" variant="default" color="red" disabled={busy} loading={remove.isPending} onClick={() => void askRemove()}>
        {t('sandboxes.delete')}
      </Button>
      <Button size="xs" component="a" href={row.url}>
        {t('sandboxes.open')}
      </Button>
    </div>
  );
}

function Create({ busy }: { busy: boolean }) {
  const t = useT();
  const { workspace } = useSession();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState(`${workspace.slug.slice(0, 22)}-try`);
  const [withData, setWithData] = useState(false);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createSandbox({ name: name.trim(), slug: slug.trim(), with_data: withData }),
    onSuccess: (answer) => {
      client.setQueryData(keys.sandboxes, answer);
      setName('');
    },
    onError: () => undefined, // said below the fields
  });
  return (
    <Group title={t('sandboxes.new')} help={t('sandboxes.newHelp')} id="sandbox-new">
      <form
        style={{ display: 'grid', gap: 16, maxWidth: 420 }}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput label={t('sandboxes.name')} required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label={t('sandboxes.address')} description={t('sandboxes.addressHelp')} required maxLength={30} value={slug} onChange={(event) => setSlug(event.currentTarget.value)} />
        <Checkbox label={t('sandboxes.withData')} description={t('sandboxes.withDataHelp')} checked={withData} onChange={(event) => setWithData(event.currentTarget.checked)} />
        {create.error && (
          <div role="alert" style={{ color: 'var(--k-red)' }}>
            {errorMessage(create.error)}
          </div>
        )}
        <div>
          <Button type="submit" disabled={busy || !name.trim()} loading={create.isPending}>
            {t('sandboxes.create')}
          </Button>
        </div>
      </form>
    </Group>
  );
}
