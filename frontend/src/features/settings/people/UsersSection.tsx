import { ActionIcon, Button, Menu, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDots, IconSearch, IconShieldCheck, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { errorMessage } from '@/api/errors';
import { disableUser, enableUser, listInvitations, readLicences, writeLicence, type Licence } from '@/api/people';
import { listRecords } from '@/api/records';
import { readFactors } from '@/api/secondFactor';
import { viewAs } from '@/api/security';
import type { ListQuery, RecordData } from '@/api/types';
import { asRef } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, stateOf, useEntity, useSession } from '@/metadata';
import { Avatar } from '@/ui/Avatar';
import { Chip } from '@/ui/Chip';
import { formatDate } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { FactorPolicy } from './FactorPolicy';
import { Invitations } from './Invitations';
import { InviteDialog } from './InviteDialog';
import { ReassignDialog } from './ReassignDialog';
import { ResetFactorDialog } from './ResetFactorDialog';
import { SharingRulesGroup } from './SharingRulesGroup';
import { UserRolesDialog } from './UserRolesDialog';
import { useRoleAssignments } from './useRoleAssignments';
import { useRoles } from './useRoles';

const LIMIT = 200;
const WANTED = ['full_name', 'email', 'job_title', 'business_unit', 'state'];

/** Users and open invitations. */
export default function UsersSection() {
  const t = useT();
  const entity = useEntity('user');
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const [inviting, setInviting] = useState<string | null>(null);
  const [rolesOf, setRolesOf] = useState<RecordData | null>(null);
  const [resetting, setResetting] = useState<RecordData | null>(null);
  const [leaving, setLeaving] = useState<{ row: RecordData; disable: boolean } | null>(null);
  const list: ListQuery = { q: asked || undefined, fields: WANTED.filter((name) => attributeOf(entity, name)), order: ['full_name'], limit: LIMIT };
  const invitations = useQuery({ queryKey: keys.invitations, queryFn: ({ signal }) => listInvitations(signal) });
  const invited = new Set(invitations.data?.filter((one) => one.state === 'pending' || one.state === 'expired').map((one) => one.user?.id));
  const assigned = useRoleAssignments();
  const { roles } = useRoles();
  const names = new Map(roles?.map((role) => [role.id, role.name ?? '']));
  const { data: licences } = useQuery({ queryKey: keys.licences, queryFn: ({ signal }) => readLicences(signal) });
  const { data: factors } = useQuery({ queryKey: keys.factors, queryFn: ({ signal }) => readFactors(signal) });
  const { data, error, refetch } = useQuery({ queryKey: keys.list(entity.plural, list), queryFn: ({ signal }) => listRecords(entity.plural, list, signal), placeholderData: keepPreviousData });
  return (
    <SectionFrame
      wide
      title={t('users.title')}
      documentTitle={t('users.title')}
      intro={t('users.intro')}
      actions={
        <Button leftSection={<IconUserPlus size={16} stroke={1.75} />} onClick={() => setInviting('')}>
          {t('users.invite')}
        </Button>
      }
    >
      <div className={classes.toolbar}>
        <TextInput w={280} aria-label={t('users.find')} placeholder={t('users.find')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        {licences && (
          <span className="k-meta">
            {(['full', 'read_only'] as const)
              .filter((kind) => kind === 'full' || licences.seats.read_only.used || licences.seats.read_only.limit !== 0)
              .map((kind) => t(`users.seats.${kind}`, { used: licences.seats[kind].used, limit: licences.seats[kind].limit ?? '∞' }))
              .concat(factors ? [t('factor.counts', { have: Object.keys(factors.users).length, all: licences.seats.full.used + licences.seats.read_only.used })] : [])
              .join(' · ')}
          </span>
        )}
      </div>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} height={40} />}
      {data && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('users.col.name')}</th>
              <th scope="col" className={classes.hideNarrow}>{t('users.col.roles')}</th>
              <th scope="col" className={classes.hideNarrow}>{t('users.col.unit')}</th>
              <th scope="col">{t('users.col.state')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => (
              <UserRow key={row.id} row={row} roles={(assigned.roles.get(row.id) ?? []).map((id) => names.get(id)).filter(Boolean).join(', ')} licence={licences?.users[row.id]} factorSince={factors?.users[row.id]} invited={invited.has(row.id)} unable={!!licences && !licences.users[row.id] && !invited.has(row.id)} onInvite={() => setInviting(String(row.email ?? ''))} onRoles={() => setRolesOf(row)} onReset={() => setResetting(row)} onReassign={(disable) => setLeaving({ row, disable })} />
            ))}
            {!data.rows.length && (
              <tr>
                <td colSpan={5} className="k-meta">{t('users.none')}</td>
              </tr>
            )}
          </tbody>
        </table>
      )}
      <Invitations />
      <FactorPolicy />
      <SharingRulesGroup />
      {inviting !== null && <InviteDialog email={inviting} onClose={() => setInviting(null)} />}
      {leaving && <ReassignDialog kind="users" who={{ object: 'user', id: leaving.row.id, name: String(leaving.row.full_name ?? '') }} disable={leaving.disable} onClose={() => setLeaving(null)} />}
      {resetting && <ResetFactorDialog user={resetting} onClose={() => setResetting(null)} />}
      {rolesOf && <UserRolesDialog user={rolesOf} onClose={() => setRolesOf(null)} />}
    </SectionFrame>
  );
}

interface UserRowProps {
  row: RecordData;
  /** Names of the roles the person holds himself; those of his teams come on top. */
  roles: string;
  licence: Licence | undefined;
  /** Since when the person has a second factor, if at all. */
  factorSince: string | undefined;
  invited: boolean;
  /** Owns records but has no login: came with an import and was not invited yet. */
  unable: boolean;
  onInvite: () => void;
  onRoles: () => void;
  onReset: () => void;
  onReassign: (disable: boolean) => void;
}

function UserRow({ row, roles, licence, factorSince, invited, unable, onInvite, onRoles, onReset, onReassign }: UserRowProps) {
  const t = useT();
  const client = useQueryClient();
  const entity = useEntity('user');
  const { user: me } = useSession();
  const name = String(row.full_name ?? '');
  const state = stateOf(entity, String(row.state ?? ''));
  const active = !state?.closed;
  const enable = useMutation({
    mutationFn: (enabled: boolean): Promise<unknown> => (enabled ? enableUser(row.id) : disableUser(row.id)),
    onSuccess: async (_answer, enabled) => {
      toast({ message: t(enabled ? 'users.enabled' : 'users.disabled', { name }), kind: 'success', undo: () => enable.mutate(!enabled) });
      await client.invalidateQueries({ queryKey: keys.recordsOf('users') });
    },
  });
  const give = useMutation({
    mutationFn: (kind: Licence) => writeLicence(row.id, kind),
    onSuccess: async (_answer, kind) => {
      toast({ message: t(`users.licence.given.${kind}`, { name }), kind: 'success', undo: () => give.mutate(kind === 'full' ? 'read_only' : 'full') });
      await client.invalidateQueries({ queryKey: keys.licences });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const view = useMutation({ mutationFn: () => viewAs(row.id), onSuccess: () => location.assign('/'), onError: (error) => toast({ kind: 'error', message: errorMessage(error) }) });
  return (
    <tr data-muted={!active || undefined}>
      <td>
        <div className={classes.cellLine}>
          <Avatar name={name} size={28} />
          <div style={{ minWidth: 0 }}>
            <div className="k-truncate">
              {name} {row.id === me.id && <span className="k-meta">({t('users.you')})</span>}
              {factorSince && (
                <Tooltip label={t('factor.hasSince', { date: formatDate(factorSince) })}>
                  <IconShieldCheck size={15} stroke={1.75} role="img" aria-label={t('factor.has')} style={{ marginLeft: 4, verticalAlign: 'text-bottom', color: 'var(--k-green)' }} />
                </Tooltip>
              )}
            </div>
            <div className="k-meta k-truncate">{[row.email, row.job_title].filter(Boolean).join(' · ')}</div>
          </div>
        </div>
      </td>
      <td className={classes.hideNarrow}>{roles}</td>
      <td className={classes.hideNarrow}>{asRef(row.business_unit)?.name}</td>
      <td>{invited && active ? <Chip dot label={t('users.invited')} color="amber" /> : unable && active ? <Chip dot label={t('users.unable')} title={t('users.unableHelp')} color="gray" /> : state && <Chip dot label={state.label} color={state.color ?? (active ? 'green' : 'gray')} />} {licence === 'read_only' && <Chip label={t('users.licence.read_only')} color="gray" />}</td>
      <td className={classes.right}>
        <Menu position="bottom-end">
          <Menu.Target>
            <Tooltip label={t('ui.more')}>
              <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${name}`} loading={enable.isPending}>
                <IconDots size={16} stroke={1.75} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {unable && active && <Menu.Item onClick={onInvite}>{t('users.inviteOne')}</Menu.Item>}
            <Menu.Item onClick={onRoles}>{t('users.roles')}</Menu.Item>
            <Menu.Item component="a" href={`/users/${row.id}`}>{t('users.open')}</Menu.Item>
            {me.is_admin && active && row.id !== me.id && <Menu.Item title={t('users.viewAsHelp')} onClick={() => view.mutate()}>{t('users.viewAs')}</Menu.Item>}
            {licence && row.id !== me.id && <Menu.Item title={t(`users.licence.help.${licence}`)} onClick={() => give.mutate(licence === 'full' ? 'read_only' : 'full')}>{t(`users.licence.change.${licence}`)}</Menu.Item>}
            {me.is_admin && factorSince && row.id !== me.id && <Menu.Item onClick={onReset}>{t('factor.reset')}</Menu.Item>}
            <Menu.Item onClick={() => onReassign(false)}>{t('users.reassign')}</Menu.Item>
            {row.id !== me.id && <Menu.Divider />}
            {row.id !== me.id && <Menu.Item color={active ? 'red' : undefined} onClick={() => (active ? onReassign(true) : enable.mutate(true))}>{active ? t('users.disable') : t('users.enable')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}
