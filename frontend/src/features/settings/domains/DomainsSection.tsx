import { ActionIcon, Button, CopyButton, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconWorld } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { addCustomDomain, checkCustomDomain, makeDomainPrimary, makeSubdomainPrimary, readCustomDomains, removeCustomDomain, type CustomDomain, type CustomDomains } from '@/api/customDomains';
import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { confirm } from '@/ui/confirm';
import { formatDateTime, formatRelative } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { NotInPlan } from '../NotInPlan';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import own from './domains.module.css';

const COLORS: Record<CustomDomain['state'], string> = { pending: 'amber', verified: 'green', failed: 'red', expired: 'gray' };
/** While a worker looks, the page looks too. */
const LOOK_AGAIN_MS = 2000;

/** Addresses of this workspace: its sub-domain, and domains of the customer's own with their proof. */
export default function DomainsSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({
    queryKey: keys.customDomains,
    queryFn: ({ signal }) => readCustomDomains(signal),
    refetchInterval: (query) => (query.state.data?.rows.some((row) => row.state === 'pending') ? LOOK_AGAIN_MS : false),
  });
  return (
    <SectionFrame title={t('settings.domains')} documentTitle={t('settings.domains')} intro={t('domains.intro')}>
      {error && !data && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={48} />}
      {data && <Addresses data={data} />}
    </SectionFrame>
  );
}

/** Run a change; its answer is the new state of the page. */
function useChange<T>(run: (value: T) => Promise<CustomDomains>, message?: (value: T, answer: CustomDomains) => string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (answer, value) => {
      client.setQueryData(keys.customDomains, answer);
      if (message) toast({ message: message(value, answer), kind: 'success', id: 'domains' });
    },
  });
}

function Addresses({ data }: { data: CustomDomains }) {
  const t = useT();
  const reset = useChange(makeSubdomainPrimary, (_none, answer) => t('domains.nowMain', { domain: answer.subdomain.domain ?? '' }));
  return (
    <>
      <div className={classes.card}>
        <div className={classes.cardRow}>
          <IconWorld size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
          <div className={classes.grow}>
            <div className={own.name}>{data.subdomain.domain}</div>
            <div className="k-meta">{t('domains.subdomain')}</div>
          </div>
          {data.subdomain.is_primary ? (
            <Chip dot color="green" label={t('domains.main')} />
          ) : (
            <Button size="xs" variant="default" loading={reset.isPending} onClick={() => reset.mutate(undefined)}>
              {t('domains.makeMain')}
            </Button>
          )}
        </div>
        {data.rows.map((row) => (
          <Domain key={row.id} row={row} data={data} />
        ))}
      </div>
      {data.allowed ? <Add most={data.most} full={data.rows.length >= data.most} /> : <NotInPlan text={t('domains.notInPlan')} />}
    </>
  );
}

function Add({ most, full }: { most: number; full: boolean }) {
  const t = useT();
  const [domain, setDomain] = useState('');
  const add = useChange(addCustomDomain, (value) => t('domains.added', { domain: value.trim() }));
  if (full) return <p className={classes.help} style={{ marginTop: 16 }}>{t('domains.most', { count: most })}</p>;
  return (
    <form
      className={own.add}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(domain, { onSuccess: () => setDomain('') });
      }}
    >
      <TextInput className={own.input} label={t('domains.domain')} placeholder="crm.example.com" autoCapitalize="none" spellCheck={false} maxLength={300} value={domain} error={add.error ? errorMessage(add.error) : undefined} onChange={(event) => setDomain(event.currentTarget.value)} />
      <Button type="submit" loading={add.isPending} disabled={!domain.trim()}>
        {t('domains.add')}
      </Button>
    </form>
  );
}

function Domain({ row, data }: { row: CustomDomain; data: CustomDomains }) {
  const t = useT();
  const check = useChange(checkCustomDomain, () => t('domains.checking', { domain: row.domain }));
  const primary = useChange(makeDomainPrimary, () => t('domains.nowMain', { domain: row.domain }));
  const remove = useChange(removeCustomDomain, () => t('domains.removed', { domain: row.domain }));
  const ask = async () => {
    const yes = await confirm({ title: t('domains.removeTitle', { domain: row.domain }), body: t('domains.removeBody', { subdomain: data.subdomain.domain ?? '' }), confirmLabel: t('domains.remove'), destructive: true });
    if (yes) remove.mutate(row.id);
  };
  const failed = check.error ?? primary.error ?? remove.error;
  const problem = row.problem ? t(`domains.problem.${row.problem}`) : row.state === 'verified' && !row.points_here ? t('domains.notPointing') : null;
  const facts = [row.checked_at ? t('domains.checked', { when: formatRelative(row.checked_at) }) : t('domains.neverChecked'), row.next_check_at && row.state === 'verified' && t('domains.next', { when: formatDateTime(row.next_check_at) })];
  return (
    <div className={own.domain}>
      <div className={own.line}>
        <IconWorld size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
        <div className={classes.grow}>
          <div className={own.head}>
            <span className={own.name}>{row.domain}</span>
            <Chip color={COLORS[row.state]} label={t(`domains.state.${row.state}`)} />
            {row.is_primary && <Chip dot color="green" label={t('domains.main')} />}
          </div>
          <div className="k-meta">{facts.filter(Boolean).join(' · ')}</div>
        </div>
        <div className={own.acts}>
          {row.state === 'verified' && !row.is_primary && (
            <Button size="xs" variant="default" loading={primary.isPending} onClick={() => primary.mutate(row.id)}>
              {t('domains.makeMain')}
            </Button>
          )}
          <Button size="xs" variant="default" loading={check.isPending} aria-label={`${t('domains.check')}: ${row.domain}`} onClick={() => check.mutate(row.id)}>
            {t('domains.check')}
          </Button>
          <Button size="xs" variant="default" color="red" loading={remove.isPending} aria-label={`${t('domains.remove')}: ${row.domain}`} onClick={() => void ask()}>
            {t('domains.remove')}
          </Button>
        </div>
      </div>
      {problem && <p className={own.problem}>{problem}</p>}
      {failed && <p className={own.problem} role="alert">{errorMessage(failed)}</p>}
      {(row.state !== 'verified' || !row.points_here) && <Records row={row} target={data.target} />}
    </div>
  );
}

/** What to write into the zone, each value with a button to copy it. */
function Records({ row, target }: { row: CustomDomain; target: string }) {
  const t = useT();
  const records = [row.record, { type: 'CNAME', name: row.domain, value: target }];
  return (
    <div className={own.records}>
      <p className={classes.help}>{t('domains.records')}</p>
      {records.map((record) => (
        <dl key={record.type} className={own.record}>
          <div className={own.type}>
            <dt>{t('domains.recordType')}</dt>
            <dd>{record.type}</dd>
          </div>
          <Copyable label={t('domains.recordName')} value={record.name} />
          <Copyable label={t('domains.recordValue')} value={record.value} />
        </dl>
      ))}
    </div>
  );
}

function Copyable({ label, value }: { label: string; value: string }) {
  const t = useT();
  return (
    <div>
      <dt>{label}</dt>
      <dd className={own.copyable}>
        <code>{value}</code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <ActionIcon size="sm" variant="subtle" color="gray" onClick={copy} aria-label={copied ? t('domains.copied') : t('domains.copy', { what: label })} title={t('domains.copy', { what: label })}>
              {copied ? <IconCheck size={16} stroke={1.75} /> : <IconCopy size={16} stroke={1.75} />}
            </ActionIcon>
          )}
        </CopyButton>
      </dd>
    </div>
  );
}
