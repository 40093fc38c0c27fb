/** Who has access to a record and why: the shares with their end, the reasons of one person, and sharing with more people. */
import { errorMessage, runAction, type Ref } from '@/api';
import { listShares, readAccess, type Share } from '@/api/security';
import { LookupPicker } from '@/fields';
import { useT, type Key } from '@/i18n';
import { useSession } from '@/metadata';
import { Avatar, ErrorState, SkeletonRows, toast } from '@/ui';
import { today } from '@/ui/formatting';
import { ActionIcon, Button, Checkbox, Modal, TextInput, Tooltip } from '@mantine/core';
import { IconShareOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import { Everybody } from './Everybody';
import { reasonText } from './reasons';
import { endAfter, endText } from './ends';
import classes from './sharing.module.css';

const RIGHTS = ['read', 'write', 'delete', 'append', 'append_to', 'assign', 'share'] as const;
type Right = (typeof RIGHTS)[number];
const rightKey = (right: string) => `record.rights.${right}` as Key;

export function AccessDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { access } = useOpenRecord();
  return (
    <Modal opened onClose={onClose} title={t('record.access.title')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {access.share && <ShareForm />}
      <Shares />
      <Everybody />
      <Why />
    </Modal>
  );
}

const sharesKey = (plural: string, id: string) => ['record-shares', plural, id];

function ShareForm() {
  const t = useT();
  const client = useQueryClient();
  const { entity, record } = useOpenRecord();
  const mine = useQuery({ queryKey: ['record-access', entity.plural, record.id, null], queryFn: ({ signal }) => readAccess(entity.plural, record.id, undefined, signal) });
  const [who, setWho] = useState<Ref | null>(null);
  const [rights, setRights] = useState<Right[]>(['read']);
  const [until, setUntil] = useState('');
  const share = useMutation({
    mutationFn: () =>
      runAction(entity.plural, record.id, 'share', {
        principal: { object: who!.object, id: who!.id },
        rights: rights.join(','),
        expires_at: until ? endAfter(until) : null,
      }),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('record.access.shared', { name: who!.name ?? '' }) });
      setWho(null);
      setRights(['read']);
      setUntil('');
      await client.invalidateQueries({ queryKey: sharesKey(entity.plural, record.id) });
      await client.invalidateQueries({ queryKey: ['record-access', entity.plural, record.id] });
    },
  });
  const held = new Set<string>(mine.data?.rights ?? ['read']);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (who) share.mutate();
      }}
    >
      <LookupPicker label={t('record.access.with')} frame={{ label: t('record.access.with'), size: 'sm' }} targets={['user', 'team']} value={who} onChange={setWho} />
      <div role="group" aria-label={t('record.access.rights')} className={classes.rights}>
        {RIGHTS.map((right) => (
          <Checkbox
            key={right}
            size="xs"
            label={t(rightKey(right))}
            checked={rights.includes(right)}
            disabled={right === 'read' || !held.has(right)}
            onChange={(event) => setRights(event.currentTarget.checked ? [...rights, right] : rights.filter((one) => one !== right))}
          />
        ))}
      </div>
      <div className={classes.row}>
        <TextInput type="date" size="sm" label={t('record.access.until')} description={t('record.access.untilHelp')} value={until} min={today()} onChange={(event) => setUntil(event.currentTarget.value)} />
        <Button type="submit" disabled={!who} loading={share.isPending}>
          {t('record.access.share')}
        </Button>
      </div>
      {share.error && <p className={classes.error} role="alert">{errorMessage(share.error)}</p>}
    </form>
  );
}

function Shares() {
  const t = useT();
  const client = useQueryClient();
  const { entity, record, access } = useOpenRecord();
  const { data, error, refetch } = useQuery({ queryKey: sharesKey(entity.plural, record.id), queryFn: ({ signal }) => listShares(entity.plural, record.id, signal) });
  const revoke = useMutation({
    mutationFn: (share: Share) => runAction(entity.plural, record.id, 'unshare', { principal: { object: share.principal.object, id: share.principal.id } }),
    onSuccess: async (_answer, share) => {
      toast({ message: t('record.access.revoked', { name: share.principal.name ?? '' }) });
      await client.invalidateQueries({ queryKey: sharesKey(entity.plural, record.id) });
      await client.invalidateQueries({ queryKey: ['record-access', entity.plural, record.id] });
    },
    onError: (failure) => toast({ kind: 'error', message: errorMessage(failure) }),
  });
  return (
    <section className={classes.section} aria-labelledby="shares">
      <h3 id="shares">{t('record.access.shares')}</h3>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} />}
      {data && !data.rows.length && <p className="k-meta">{t('record.access.noShares')}</p>}
      <ul className={classes.list}>
        {data?.rows.map((share) => (
          <li key={`${share.principal.id} ${share.inherited_as ?? ''}`}>
            <Avatar name={share.principal.name ?? ''} size={28} />
            <div className={classes.grow}>
              <div className="k-truncate">{share.principal.name}</div>
              <div className="k-meta">{share.rights.map((right) => t(rightKey(right))).join(', ')}</div>
              <div className="k-meta">
                {share.inherited_as ? t(share.inherited_as === 'owner' ? 'record.access.inheritedOwner' : 'record.access.inheritedShare') : t('record.access.by', { name: share.granted_by?.name ?? '–' })}
                {' · '}
                {share.expires_at ? t('record.access.ends', { when: endText(share.expires_at) }) : t('record.access.noEnd')}
              </div>
            </div>
            {access.share && !share.inherited_as && (
              <Tooltip label={t('record.access.revoke')}>
                <ActionIcon variant="subtle" color="gray" aria-label={`${t('record.access.revoke')}: ${share.principal.name}`} loading={revoke.isPending && revoke.variables === share} onClick={() => revoke.mutate(share)}>
                  <IconShareOff size={16} stroke={1.75} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Why() {
  const t = useT();
  const session = useSession();
  const { entity, record } = useOpenRecord();
  const me: Ref = { object: 'user', id: session.user.id, name: session.user.name };
  const mayAsk = session.capabilities.includes('manage_users');
  const [person, setPerson] = useState<Ref>(me);
  const user = person.id === me.id ? undefined : person.id;
  const { data, error } = useQuery({ queryKey: ['record-access', entity.plural, record.id, user ?? null], queryFn: ({ signal }) => readAccess(entity.plural, record.id, user, signal) });
  return (
    <section className={classes.section} aria-labelledby="why">
      <h3 id="why">{user ? t('record.access.whyOther', { name: person.name ?? '' }) : t('record.access.why')}</h3>
      {mayAsk && (
        <LookupPicker label={t('record.access.person')} frame={{ 'aria-label': t('record.access.person'), size: 'sm' }} targets={['user']} value={person} clearable={false} onChange={(value) => setPerson(value ?? me)} />
      )}
      {error && <ErrorState compact error={error} />}
      {!data && !error && <SkeletonRows rows={2} />}
      {data && !data.reasons.length && <p className={classes.none}>{t('record.access.cannot', { name: data.user.name ?? '' })}</p>}
      {data && data.reasons.length > 0 && (
        <>
          <ul className={classes.reasons}>
            {data.reasons.map((reason, index) => (
              <li key={index}>{reasonText(t, reason)}</li>
            ))}
          </ul>
          <p className="k-meta">{t('record.access.may', { rights: data.rights.map((right) => t(rightKey(right))).join(', ') })}</p>
        </>
      )}
    </section>
  );
}
