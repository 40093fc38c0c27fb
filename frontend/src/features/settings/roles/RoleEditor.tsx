import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

import { keys } from '@/api/keys';
import { DEPTHS, readRolePrivileges, writeRolePrivileges, type RolePrivileges } from '@/api/people';
import { useT, type Key } from '@/i18n';
import { useObjects, type ObjectSummary } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { DepthSign } from './DepthSign';
import { changesBetween, type Matrix } from './matrix';
import { PrivilegeMatrix } from './PrivilegeMatrix';
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

/** The objects of the matrix by group; objects the role knows but the user does not see keep their rows unseen. */
function useGroups(known: string[]): { label: string; objects: ObjectSummary[] }[] {
  const t = useT();
  const objects = useObjects();
  return useMemo(() => {
    const groups = new Map<string, ObjectSummary[]>();
    for (const object of objects.filter((entry) => known.includes(entry.name))) {
      const name = object.custom ? 'custom' : object.group || 'other';
      groups.set(name, [...(groups.get(name) ?? []), object]);
    }
    return [...groups].map(([name, list]) => {
      const key = `shell.group.${name}` as Key;
      return { label: t(key) === key ? name : t(key), objects: list };
    });
  }, [objects, known, t]);
}

function Editor({ role }: { role: RolePrivileges }) {
  const t = useT();
  const client = useQueryClient();
  const [matrix, setMatrix] = useState<Matrix>(role.privileges);
  const [capabilities, setCapabilities] = useState(role.capabilities);
  const known = useMemo(() => Object.keys(role.privileges), [role.privileges]);
  const groups = useGroups(known);
  const { rows, cells } = changesBetween(role.privileges, matrix);
  const toggled = role.known_capabilities.filter((name) => role.capabilities.includes(name) !== capabilities.includes(name)).length;
  const unsaved = cells + toggled;

  useBlocker({
    shouldBlockFn: async () => unsaved > 0 && !(await confirm({ title: t('roles.leave'), body: t('roles.leaveBody'), confirmLabel: t('roles.discard'), destructive: true })),
    enableBeforeUnload: () => unsaved > 0,
  });

  const save = useMutation({
    mutationFn: () => writeRolePrivileges(role.role.id, { privileges: rows, capabilities }),
    onSuccess: async (answer) => {
      client.setQueryData(keys.rolePrivileges(role.role.id), answer);
      setMatrix(answer.privileges);
      setCapabilities(answer.capabilities);
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
      <PrivilegeMatrix groups={groups} matrix={matrix} onChange={setMatrix} disabled={role.role.is_administrator} />
      <div style={{ height: 24 }} />
      <Group title={t('roles.capabilities')}>
        <div className={classes.switches} style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))' }}>
          {role.known_capabilities.map((name) => {
            const key = `roles.capability.${name}` as Key;
            return (
              <Checkbox
                key={name}
                size="xs"
                disabled={role.role.is_administrator}
                label={t(key) === key ? name.replaceAll('_', ' ') : t(key)}
                checked={role.role.is_administrator || capabilities.includes(name)}
                onChange={(event) => setCapabilities(event.currentTarget.checked ? [...capabilities, name] : capabilities.filter((entry) => entry !== name))}
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
              setMatrix(role.privileges);
              setCapabilities(role.capabilities);
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
