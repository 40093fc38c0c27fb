import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { createRecord, listRecords, updateRecord } from '@/api/records';
import { readMembers, readTeamRoles, writeMembers, writeTeamRoles } from '@/api/security';
import type { RecordData, Ref } from '@/api/types';
import { asRef, formatValue } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, useEntity, useSession } from '@/metadata';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { PrincipalList } from './PrincipalList';
import { ReassignDialog } from './ReassignDialog';
import { RoleChoices } from './RoleChoices';
import { useRoles } from './useRoles';
import { useUnits } from './useUnits';

const QUERY = { fields: ['name', 'kind', 'business_unit', 'state'], order: ['name'], limit: 500 };
const ACCESS_TEAM = 2;

/** Teams with their members and roles (PLT-41). */
export default function TeamsSection() {
  const t = useT();
  const entity = useEntity('team');
  const mayManage = useSession().capabilities.includes('manage_users');
  const [open, setOpen] = useState<RecordData | 'new' | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: keys.list('teams', QUERY), queryFn: ({ signal }) => listRecords('teams', QUERY, signal) });
  const create = mayManage && (
    <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setOpen('new')}>
      {t('teams.create')}
    </Button>
  );
  return (
    <SectionFrame title={t('teams.title')} documentTitle={t('teams.title')} intro={t('teams.intro')} actions={create}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={5} height={44} />}
      {data && !data.rows.length && <EmptyState compact title={t('teams.none')} />}
      {data && data.rows.length > 0 && (
        <div className={classes.card}>
          {data.rows.map((row) => (
            <button key={row.id} type="button" className={`${classes.cardRow} ${classes.rowButton}`} onClick={() => setOpen(row)}>
              <IconUsersGroup size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
              <span className={classes.grow}>
                <span className="k-truncate" style={{ display: 'block' }}>{String(row.name)}</span>
                <span className="k-meta">{[formatValue(attributeOf(entity, 'kind')!, row.kind), asRef(row.business_unit)?.name].filter(Boolean).join(' · ')}</span>
              </span>
            </button>
          ))}
        </div>
      )}
      {open && <TeamDialog team={open === 'new' ? null : open} readOnly={!mayManage} onClose={() => setOpen(null)} />}
    </SectionFrame>
  );
}

function TeamDialog({ team, readOnly, onClose }: { team: RecordData | null; readOnly: boolean; onClose: () => void }) {
  const t = useT();
  const members = useQuery({ queryKey: ['team-members', team?.id], queryFn: ({ signal }) => readMembers(team!.id, signal), enabled: !!team, staleTime: 0, gcTime: 0 });
  const roles = useQuery({ queryKey: ['team-roles', team?.id], queryFn: ({ signal }) => readTeamRoles(team!.id, signal), enabled: !!team, staleTime: 0, gcTime: 0 });
  const ready = !team || (members.data && roles.data);
  const error = members.error ?? roles.error;
  return (
    <Modal opened onClose={onClose} title={team ? String(team.name) : t('teams.create')} size={520} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {error ? <ErrorState compact error={error} /> : !ready ? <SkeletonRows rows={6} /> : <TeamForm team={team} members={members.data?.members ?? []} roles={roles.data?.roles.map((role) => role.id) ?? []} readOnly={readOnly} onClose={onClose} />}
    </Modal>
  );
}

function TeamForm({ team, members, roles, readOnly, onClose }: { team: RecordData | null; members: Ref[]; roles: string[]; readOnly: boolean; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const entity = useEntity('team');
  const units = useUnits();
  const known = useRoles();
  const [name, setName] = useState(String(team?.name ?? ''));
  const [kind, setKind] = useState(Number(team?.kind ?? 1));
  const [unit, setUnit] = useState(asRef(team?.business_unit)?.id ?? '');
  const [people, setPeople] = useState(members);
  const [held, setHeld] = useState(roles);
  const [moving, setMoving] = useState(false);
  const unitId = unit || units.data?.find((row) => !row.parent)?.id || '';
  const access = kind === ACCESS_TEAM;
  const save = useMutation({
    mutationFn: async () => {
      const values = { name: name.trim(), kind, business_unit: unitId };
      const id = team ? (await updateRecord('teams', team.id, values)).id : (await createRecord('teams', values)).id;
      await writeMembers(id, people.map((one) => one.id));
      await writeTeamRoles(id, access ? [] : held);
    },
    onSuccess: async () => {
      toast({ kind: 'success', message: t(team ? 'teams.saved' : 'teams.created') });
      await client.invalidateQueries({ queryKey: keys.recordsOf('teams') });
      await client.invalidateQueries({ queryKey: keys.roleAssignments });
      onClose();
    },
  });
  if (moving && team) return <ReassignDialog kind="teams" who={{ object: 'team', id: team.id, name }} onClose={() => setMoving(false)} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && !readOnly) save.mutate();
      }}
    >
      <fieldset disabled={readOnly} className={classes.plain}>
        <Stack gap={12}>
          <TextInput label={t('teams.name')} value={name} maxLength={160} data-autofocus={!team || undefined} onChange={(event) => setName(event.currentTarget.value)} />
          <NativeSelect label={t('teams.kind')} value={String(kind)} data={(attributeOf(entity, 'kind')?.options ?? []).map((option) => ({ value: String(option.value), label: option.label }))} onChange={(event) => setKind(Number(event.currentTarget.value))} />
          <NativeSelect label={t('teams.unit')} value={unitId} data={(units.data ?? []).map((row) => ({ value: row.id, label: row.path }))} onChange={(event) => setUnit(event.currentTarget.value)} />
          <div>
            <h4 className={classes.subTitle}>{t('teams.members')}</h4>
            <PrincipalList value={people} onChange={setPeople} targets={['user']} add="teams.addMember" none="teams.noMembers" remove="teams.removeMember" />
          </div>
          <div>
            <h4 className={classes.subTitle}>{t('teams.roles')}</h4>
            <p className="k-meta">{t(access ? 'teams.noRoles' : 'teams.rolesHelp')}</p>
            {!access && (
              <div className={classes.switches}>
                <RoleChoices roles={known.roles ?? []} value={held} unit={unitId} label={t('teams.roles')} onChange={setHeld} />
              </div>
            )}
          </div>
        </Stack>
      </fieldset>
      {save.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(save.error)}</p>}
      <Group justify="space-between" gap={8} mt="lg">
        {team ? (
          <Group gap={12}>
            <a href={`/teams/${team.id}`}>{t('teams.open')}</a>
            {!readOnly && (
              <Button variant="subtle" size="compact-sm" onClick={() => setMoving(true)}>
                {t('teams.reassign')}
              </Button>
            )}
          </Group>
        ) : (
          <span />
        )}
        {!readOnly && (
          <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
            {t('ui.save')}
          </Button>
        )}
      </Group>
    </form>
  );
}
