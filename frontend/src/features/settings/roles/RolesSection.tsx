import { Button, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconShieldLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { listRecords } from '@/api/records';
import { useT } from '@/i18n';
import { asRef } from '@/fields';
import { usePrivilege } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { useRoleAssignments } from '../people/useRoleAssignments';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { RoleEditor } from './RoleEditor';
import { RoleDialog, RoleMenu } from './RoleMenu';

const QUERY = { fields: ['name', 'description', 'business_unit'], order: ['name'], limit: 500 };

/** The list of roles, or one role's privileges. */
export default function RolesSection({ rest }: { rest: string | null }) {
  return rest ? <RoleEditor key={rest} id={rest} /> : <RoleList />;
}

function RoleList() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.list('roles', QUERY), queryFn: ({ signal }) => listRecords('roles', QUERY, signal) });
  const { holders, known } = useRoleAssignments();
  const mayCreate = usePrivilege('role', 'create');
  const [creating, setCreating] = useState(false);
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase();
  const roles = data?.rows.map((row) => ({ id: row.id, name: String(row.name ?? ''), description: String(row.description ?? ''), unit: asRef(row.business_unit) }));
  const shown = roles?.filter((role) => `${role.name} ${role.description}`.toLocaleLowerCase().includes(wanted));
  return (
    <SectionFrame
      title={t('roles.title')}
      documentTitle={t('roles.title')}
      intro={t('roles.intro')}
      actions={
        mayCreate && (
          <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setCreating(true)}>
            {t('roles.create')}
          </Button>
        )
      }
    >
      {error != null && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!roles && error == null && <SkeletonRows rows={8} height={44} />}
      {roles && !roles.length && <EmptyState compact title={t('roles.none')} />}
      {roles && roles.length > 8 && (
        <div className={classes.toolbar}>
          <TextInput w={280} aria-label={t('roles.find')} placeholder={t('roles.find')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        </div>
      )}
      {shown && roles!.length > 0 && !shown.length && <p className="k-meta">{t('roles.noneFound')}</p>}
      {shown && shown.length > 0 && (
        <ul className={`${classes.card} ${classes.plainList}`}>
          {shown.map((role) => {
            const people = holders.get(role.id) ?? [];
            return (
              <li key={role.id} className={classes.linkRow}>
                <IconShieldLock size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
                <a className={classes.rowLink} href={`/settings/roles/${role.id}`}>
                  <span className="k-truncate">{role.name}</span>
                  {role.description && <span className="k-meta k-truncate">{role.description}</span>}
                </a>
                {role.unit && <Chip label={role.unit.name ?? ''} color="cyan" />}
                {known && <span className="k-meta" style={{ flex: 'none' }}>{t('roles.holders', { count: people.length })}</span>}
                {mayCreate && <RoleMenu role={role} holders={people} />}
              </li>
            );
          })}
        </ul>
      )}
      {creating && <RoleDialog task="create" onClose={() => setCreating(false)} />}
    </SectionFrame>
  );
}
