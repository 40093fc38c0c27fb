import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { keys } from '@/api/keys';
import { DEPTHS, readRolePrivileges, writeRolePrivileges, type RolePrivileges } from '@/api/people';
import { useT, type Key } from '@/i18n';
import { useObjects } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { DepthSign } from './DepthSign';
import { changesBetween, matrixOf, type Matrix } from './matrix';
import { PrivilegeMatrix, type MatrixGroup } from './PrivilegeMatrix';
import own from './roles.module.css';

/** One role: matrix of privileges, capabilities, one save for both. */
export function RoleEditor({ id }: { id: string }) {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.rolePrivileges(id), queryFn: ({ signal }) => readRolePrivileges(id, signal) });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  return (
    <SectionFrame
      wide
      title={data.role.name}
      documentTitle={data.role.name}
      above={<a className={classes.crumb} href="/settings/roles">‹ {t('roles.title')}</a>}
      intro={data.role.is_administrator ? t('roles.administrator') : undefined}
    >
      <Editor role={data} />
    </SectionFrame>
  );
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
      <PrivilegeMatrix groups={groups} privileges={role.privileges} matrix={matrix} onChange={setMatrix} disabled={role.role.is_administrator} />
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
