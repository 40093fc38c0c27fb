import '@mantine/core/styles/PasswordInput.layer.css';

import { Button, Checkbox, CopyButton, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { readSingleSignOn, writeSingleSignOn, type SingleSignOn, type SingleSignOnChange } from '@/api/singleSignOn';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { useRoles } from '../people/useRoles';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import sso from './sso.module.css';

/** Inputs stand in line, whatever is said about them. */
const ORDER = { inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[] };

/** The provider of identities people of this workspace sign in with (PLT-41). */
export default function SingleSignOnSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.singleSignOn, queryFn: ({ signal }) => readSingleSignOn(signal) });
  return (
    <SectionFrame title={t('settings.sso')} documentTitle={t('settings.sso')} intro={t('sso.intro')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} height={40} />}
      {data && <State state={data} />}
      {data && <Settings key={JSON.stringify(data)} state={data} />}
    </SectionFrame>
  );
}

function useWrite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: writeSingleSignOn,
    onSuccess: (answer) => client.setQueryData(keys.singleSignOn, answer),
    // Said where it belongs.
    onError: () => undefined,
  });
}

function State({ state }: { state: SingleSignOn }) {
  const t = useT();
  const write = useWrite();
  const complete = !!(state.name && state.issuer && state.client_id && state.has_secret && state.domains.length);
  const change = async () => {
    if (state.is_active && !(await confirm({ title: t('sso.offTitle'), body: t('sso.offBody'), confirmLabel: t('sso.turnOff'), destructive: true }))) return;
    write.mutate({ is_active: !state.is_active }, { onSuccess: (answer) => toast({ kind: 'success', message: t(answer.is_active ? 'sso.turnedOn' : 'sso.turnedOff') }) });
  };
  return (
    <>
      <div className={classes.card}>
        <div className={classes.cardRow}>
          <IconKey size={18} stroke={1.75} aria-hidden style={{ color: state.is_active ? 'var(--k-green)' : 'var(--k-text-3)', flex: 'none' }} />
          <div className={classes.grow}>
            <div>{t(!state.is_active ? 'sso.off' : state.is_enforced ? 'sso.onEnforced' : 'sso.on')}</div>
            {complete && <div className="k-meta">{t('sso.people', { count: state.people })}</div>}
          </div>
          {(complete || state.is_active) && (
            <Button size="xs" variant={state.is_active ? 'default' : 'filled'} loading={write.isPending} onClick={() => void change()}>
              {t(state.is_active ? 'sso.turnOff' : 'sso.turnOn')}
            </Button>
          )}
        </div>
      </div>
      {write.error && (
        <p role="alert" className={sso.error}>
          {errorMessage(write.error)}
        </p>
      )}
    </>
  );
}

function Settings({ state }: { state: SingleSignOn }) {
  const t = useT();
  const { roles } = useRoles();
  const write = useWrite();
  const [name, setName] = useState(state.name);
  const [issuer, setIssuer] = useState(state.issuer);
  const [clientId, setClientId] = useState(state.client_id);
  const [secret, setSecret] = useState('');
  const [domains, setDomains] = useState(state.domains.join(', '));
  const [role, setRole] = useState(state.joining_role ?? '');
  const [enforced, setEnforced] = useState(state.is_enforced);
  const body: SingleSignOnChange = {};
  const listed = domains.split(/[\s,;]+/).filter(Boolean);
  if (name !== state.name) body.name = name;
  if (issuer !== state.issuer) body.issuer = issuer;
  if (clientId !== state.client_id) body.client_id = clientId;
  if (secret) body.client_secret = secret;
  if (listed.join() !== state.domains.join()) body.domains = listed;
  if ((role || null) !== state.joining_role) body.joining_role = role || null;
  if (enforced !== state.is_enforced) body.is_enforced = enforced;
  const failed = write.error instanceof ApiError ? write.error : null;
  const errorOf = (field: string) => (failed?.field === field ? errorMessage(failed) : undefined);
  const elsewhere = write.error && !['name', 'issuer', 'client_id', 'client_secret', 'domains', 'joining_role'].includes(failed?.field ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate(body, { onSuccess: () => toast({ kind: 'success', message: t('sso.saved') }) });
      }}
    >
      <Group title={t('sso.provider')} help={t('sso.providerHelp')}>
        <div className={sso.address}>
          <code>{state.return_address}</code>
          <CopyButton value={state.return_address}>
            {({ copied, copy }) => (
              <Button size="compact-sm" variant="default" leftSection={copied ? <IconCheck size={14} stroke={1.75} /> : <IconCopy size={14} stroke={1.75} />} onClick={copy}>
                {copied ? t('security.copied') : t('sso.copyAddress')}
              </Button>
            )}
          </CopyButton>
        </div>
        <div className={classes.grid}>
          <TextInput {...ORDER} label={t('sso.issuer')} description={t('sso.issuerHelp')} value={issuer} error={errorOf('issuer')} maxLength={300} onChange={(event) => setIssuer(event.currentTarget.value)} />
          <TextInput {...ORDER} label={t('sso.name')} description={t('sso.nameHelp')} value={name} error={errorOf('name')} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput {...ORDER} label={t('sso.clientId')} autoComplete="off" value={clientId} error={errorOf('client_id')} maxLength={200} onChange={(event) => setClientId(event.currentTarget.value)} />
          <PasswordInput label={t('sso.secret')} autoComplete="new-password" placeholder={state.has_secret && issuer === state.issuer ? t('sso.secretKept') : undefined} value={secret} error={errorOf('client_secret')} maxLength={500} onChange={(event) => setSecret(event.currentTarget.value)} />
        </div>
      </Group>
      <Group title={t('sso.people.title')}>
        <div className={classes.grid}>
          <TextInput {...ORDER} label={t('sso.domains')} description={t('sso.domainsHelp')} placeholder="example.com" value={domains} error={errorOf('domains')} onChange={(event) => setDomains(event.currentTarget.value)} />
          <NativeSelect
            {...ORDER}
            label={t('sso.joining')}
            description={t('sso.joiningHelp')}
            value={role}
            error={errorOf('joining_role')}
            onChange={(event) => setRole(event.currentTarget.value)}
            data={[{ value: '', label: t('sso.joining.nobody') }, ...(roles ?? []).filter((entry) => !entry.unit).map((entry) => ({ value: entry.id, label: t('sso.joining.role', { role: entry.name ?? '' }) }))]}
          />
        </div>
        <Checkbox mt="md" label={t('sso.enforce')} description={t('sso.enforceHelp')} checked={enforced} onChange={(event) => setEnforced(event.currentTarget.checked)} />
      </Group>
      {elsewhere && (
        <p role="alert" className={sso.error}>
          {errorMessage(write.error)}
        </p>
      )}
      <Button type="submit" loading={write.isPending} disabled={!Object.keys(body).length}>
        {t('ui.save')}
      </Button>
    </form>
  );
}
