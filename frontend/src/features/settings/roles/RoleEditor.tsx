import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { keys } from '@/api/keys';
import { DEPTHS, readRolePrivileges, writeRolePrivileges, type RolePrivileges } from '@/api/people';
import type { Ref } from '@/api/types';
import { useT, type Key } from '@/i18n';
import { useObjects } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { useRoleAssignments } from '../people/useRoleAssignments';
import { useRoles } from '../people/useRoles';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { DepthSign } from './DepthSign';
import { shownGroups, type MatrixGroup } from './groups';
import { changesBetween, choicesOf, matrixOf, type Matrix } from './matrix';
import { PrivilegeMatrix } from './PrivilegeMatrix';
import { RoleMenu } from './RoleMenu';
import own from './roles.module.css';

/** One role: matrix of privileges, capabilities, one save for both. */
export function RoleEditor({ id }: { id: string }) {
  const t = useT();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({ queryKey: keys.rolePrivileges(id), queryFn: ({ signal }) => readRolePrivileges(id, signal) });
  const { holders, known } = useRoleAssignments();
  const people = holders.get(id) ?? [];
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  return (
    <SectionFrame
      wide
      title={data.role.name}
      documentTitle={data.role.name}
      above={<a className={classes.crumb} href="/settings/roles">‹ {t('roles.title')}</a>}
      intro={
        <>
          {data.role.description && <>{data.role.description}<br /></>}
          {data.role.business_unit && <>{t('roles.onlyIn', { unit: data.role.business_unit.name ?? '' })}<br /></>}
          {data.role.is_administrator && <>{t('roles.administrator')}<br /></>}
          {known && heldBy(t, people)}
        </>
      }
      actions={<RoleMenu role={{ id, name: data.role.name, description: data.role.description ?? '', administrator: data.role.is_administrator, unit: data.role.business_unit }} holders={people} onDeleted={() => void navigate({ to: '/settings/roles' })} />}
    >
      <Editor role={data} />
    </SectionFrame>
  );
}

const NAMED = 3;

/** “Held by Ana, Ben and 4 more”. */
function heldBy(t: ReturnType<typeof useT>, people: Ref[]): string {
  if (!people.length) return t('roles.heldByNobody');
  const names = people.slice(0, NAMED).map((one) => one.name ?? '').join(', ');
  return people.length > NAMED ? t('roles.heldByMore', { names, count: people.length - NAMED }) : t('roles.heldBy', { names });
}

/** The rows of the matrix by group. */
function useGroups(role: RolePrivileges): MatrixGroup[] {
  const t = useT();
  const objects = useObjects();
  return useMemo(() => {
    const groups = new Map<string, MatrixGroup['objects']>();
    for (const { name, label, group } of role.objects) {
      const key = group || 'other';
      groups.set(key, [...(groups.get(key) ?? []), { name, label, icon: objects.find((object) => object.name === name)?.icon ?? null }]);
    }
    const labelOf = (name: string) => {
      const key = `shell.group.${name}` as Key;
      return t(key) === key ? name : t(key);
    };
    return [...groups].sort(([a], [b]) => Number(a === 'administration') - Number(b === 'administration')).map(([name, list]) => ({ label: labelOf(name), objects: list }));
  }, [role.objects, objects, t]);
}

const grantedOf = (role: RolePrivileges) => role.capabilities.filter((entry) => entry.granted).map((entry) => entry.name);

function Editor({ role }: { role: RolePrivileges }) {
  const t = useT();
  const client = useQueryClient();
  const saved = useMemo(() => matrixOf(role), [role]);
  const [matrix, setMatrix] = useState<Matrix>(saved);
  const [granted, setGranted] = useState(() => grantedOf(role));
  const groups = useGroups(role);
  const choices = useMemo(() => choicesOf(role), [role]);
  const [text, setText] = useState('');
  const [otherId, setOtherId] = useState('');
  const { roles } = useRoles();
  const compared = useQuery({ queryKey: keys.rolePrivileges(otherId), queryFn: ({ signal }) => readRolePrivileges(otherId, signal), enabled: !!otherId });
  const other = otherId && compared.data ? { name: compared.data.role.name, matrix: matrixOf(compared.data) } : null;
  const theirs = otherId && compared.data ? grantedOf(compared.data) : null;
  const shown = shownGroups(groups, text, matrix, other?.matrix ?? null, role.privileges);
  const { rows, cells } = changesBetween(saved, matrix);
  const toggled = role.capabilities.filter((entry) => entry.granted !== granted.includes(entry.name)).length;
  const unsaved = cells + toggled;

  useBlocker({
    shouldBlockFn: async () => unsaved > 0 && !(await confirm({ title: t('roles.leave'), body: t('roles.leaveBody'), confirmLabel: t('roles.discard'), destructive: true })),
    enableBeforeUnload: () => unsaved > 0,
  });

  const save = useMutation({
    mutationFn: () => writeRolePrivileges(role.role.id, { privileges: rows, ...(toggled ? { capabilities: granted } : {}) }),
    onSuccess: async (answer) => {
      client.setQueryData(keys.rolePrivileges(role.role.id), answer);
      setMatrix(matrixOf(answer));
      setGranted(grantedOf(answer));
      toast({ message: t('roles.saved'), kind: 'success' });
      // One's own rights may have changed.
      await client.invalidateQueries({ queryKey: keys.session });
    },
  });

  return (
    <>
      <ul className={own.legend} aria-label={t('roles.legend')}>
        {DEPTHS.map((depth) => (
          <li key={depth}>
            <DepthSign depth={depth} /> <b>{t(`roles.depth.${depth}` as Key)}</b> {t(`roles.depthHelp.${depth}` as Key)}
          </li>
        ))}
      </ul>
      <div className={own.toolbar}>
        <TextInput aria-label={t('roles.findObject')} placeholder={t('roles.findObject')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <NativeSelect
          aria-label={t('roles.compare')}
          value={otherId}
          onChange={(event) => setOtherId(event.currentTarget.value)}
          data={[{ value: '', label: t('roles.compareNone') }, ...(roles ?? []).filter((one) => one.id !== role.role.id).map((one) => ({ value: one.id, label: t('roles.compareWith', { role: one.name ?? '' }) }))]}
        />
        {(text.trim() || other) && <span className={`k-meta ${own.meta}`} role="status">{t('roles.shownObjects', { count: shown.reduce((sum, group) => sum + group.objects.length, 0), total: role.objects.length })}</span>}
      </div>
      {compared.error && <ErrorState compact error={compared.error} onRetry={() => void compared.refetch()} />}
      {shown.length > 0 ? (
        <PrivilegeMatrix groups={shown} privileges={role.privileges} matrix={matrix} choices={choices} other={other} onChange={setMatrix} disabled={role.role.is_administrator} />
      ) : (
        <p className="k-meta">{other && !text.trim() ? t('roles.sameMatrix', { role: other.name }) : t('roles.noObject')}</p>
      )}
      <div style={{ height: 24 }} />
      <Group title={t('roles.capabilities')}>
        <div className={classes.switches} style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))' }}>
          {role.capabilities.map(({ name }) => {
            const key = `roles.capability.${name}` as Key;
            return (
              <Checkbox
                key={name}
                size="xs"
                disabled={role.role.is_administrator}
                label={t(key) === key ? name.replaceAll('_', ' ') : t(key)}
                description={theirs && theirs.includes(name) !== granted.includes(name) ? t(theirs.includes(name) ? 'roles.otherHas' : 'roles.otherHasNot', { role: other!.name }) : undefined}
                checked={granted.includes(name)}
                onChange={(event) => setGranted(event.currentTarget.checked ? [...granted, name] : granted.filter((entry) => entry !== name))}
              />
            );
          })}
        </div>
      </Group>
      {unsaved > 0 && (
        <div className={classes.saveBar}>
          <span role="status">{t('roles.unsaved', { count: unsaved })}</span>
          <Button
            variant="default"
            onClick={() => {
              setMatrix(saved);
              setGranted(grantedOf(role));
            }}
          >
            {t('roles.discard')}
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate()}>{t('ui.save')}</Button>
        </div>
      )}
    </>
  );
}
