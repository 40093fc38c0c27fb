import { ActionIcon, Button, Menu, Modal, NativeSelect, TextInput } from '@mantine/core';
import { IconDots, IconHierarchy, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { aggregate, createRecord, runAction, updateRecord } from '@/api/records';
import type { AggregateQuery } from '@/api/types';
import { useT } from '@/i18n';
import { useEntity, useSession } from '@/metadata';
import { deleteWithUndo } from '@/records/record/deleteRecord';
import { tellWarnings } from '@/records/warnings';
import { Chip } from '@/ui/Chip';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { useUnits, withDescendants, type Unit } from './useUnits';

const PEOPLE: AggregateQuery = { measures: [{ fn: 'count' }], group: [{ attribute: 'business_unit' }], filter: { attribute: 'state', operator: 'eq', value: 'active' } };
type Task = { kind: 'create'; under: Unit } | { kind: 'rename'; unit: Unit } | { kind: 'move'; unit: Unit };

/** The tree of business units: create, rename, move, disable, delete (PLT-41). */
export default function UnitsSection() {
  const t = useT();
  const units = useUnits();
  const mayManage = useSession().capabilities.includes('manage_users');
  const people = useQuery({ queryKey: ['records', 'users', 'aggregate', PEOPLE], queryFn: ({ signal }) => aggregate('users', PEOPLE, signal) });
  const [task, setTask] = useState<Task | null>(null);
  const counts = new Map(people.data?.groups.map((group) => [group.keys[0], Number(group.values[0])]));
  const root = units.data?.[0];
  return (
    <SectionFrame
      title={t('units.title')}
      documentTitle={t('units.title')}
      intro={t('units.intro')}
      actions={
        mayManage && root && (
          <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setTask({ kind: 'create', under: root })}>
            {t('units.create')}
          </Button>
        )
      }
    >
      {units.error && <ErrorState compact error={units.error} onRetry={() => void units.refetch()} />}
      {!units.data && !units.error && <SkeletonRows rows={5} height={44} />}
      {units.data && (
        <ul className={classes.card} style={{ margin: 0, padding: 0, listStyle: 'none' }} aria-label={t('units.title')}>
          {units.data.map((unit) => (
            <li key={unit.id} className={classes.unit} style={{ '--level': unit.level } as React.CSSProperties} data-muted={!unit.active || undefined}>
              <IconHierarchy size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
              <span className={`${classes.grow} k-truncate`}>{unit.name}</span>
              {!unit.active && <Chip label={t('units.disabled')} color="gray" />}
              <span className="k-meta" style={{ flex: 'none' }}>{t('units.people', { count: counts.get(unit.id) ?? 0 })}</span>
              {mayManage && <UnitMenu unit={unit} people={counts.get(unit.id) ?? 0} onTask={setTask} />}
            </li>
          ))}
        </ul>
      )}
      {task && units.data && <UnitDialog task={task} units={units.data} onClose={() => setTask(null)} />}
    </SectionFrame>
  );
}

function UnitMenu({ unit, people, onTask }: { unit: Unit; people: number; onTask: (task: Task) => void }) {
  const t = useT();
  const client = useQueryClient();
  const entity = useEntity('business_unit');
  const root = unit.level === 0;
  const remove = useMutation({
    mutationFn: () => deleteWithUndo(client, entity, { id: unit.id, name: unit.name }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.recordsOf('business_units') }),
  });
  const run = useMutation({
    mutationFn: (what: 'activate' | 'deactivate'): Promise<unknown> => runAction('business_units', unit.id, what),
    onSuccess: async (_answer, what) => {
      const undo = () => run.mutate(what === 'activate' ? 'deactivate' : 'activate');
      toast({ kind: 'success', message: what === 'activate' ? t('units.enabledToast', { name: unit.name }) : t('units.disabledToast', { name: unit.name, count: people }), undo });
      await client.invalidateQueries({ queryKey: keys.recordsOf('business_units') });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${unit.name}`} loading={run.isPending || remove.isPending}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onTask({ kind: 'create', under: unit })}>{t('units.createUnder')}</Menu.Item>
        <Menu.Item onClick={() => onTask({ kind: 'rename', unit })}>{t('units.rename')}</Menu.Item>
        {!root && <Menu.Item onClick={() => onTask({ kind: 'move', unit })}>{t('units.move')}</Menu.Item>}
        {!root && <Menu.Divider />}
        {!root && unit.active && <Menu.Item onClick={() => run.mutate('deactivate')}>{t('units.disable')}</Menu.Item>}
        {!root && !unit.active && <Menu.Item onClick={() => run.mutate('activate')}>{t('units.enable')}</Menu.Item>}
        {!root && !unit.active && <Menu.Item color="red" onClick={() => remove.mutate()}>{t('units.delete')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function UnitDialog({ task, units, onClose }: { task: Task; units: Unit[]; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const moving = task.kind === 'move';
  const [name, setName] = useState(task.kind === 'rename' ? task.unit.name : '');
  const [parent, setParent] = useState(task.kind === 'create' ? task.under.id : (task.unit.parent ?? ''));
  const barred = moving ? withDescendants(units, task.unit.id) : new Set<string>();
  const places = units.filter((unit) => !barred.has(unit.id));
  const save = useMutation({
    mutationFn: () => {
      if (task.kind === 'create') return createRecord('business_units', { name: name.trim(), parent });
      return updateRecord('business_units', task.unit.id, moving ? { parent } : { name: name.trim() }).then(tellWarnings);
    },
    onSuccess: async () => {
      toast({ kind: 'success', message: moving ? t('units.moved', { name: task.unit.name }) : t('units.saved') });
      await client.invalidateQueries({ queryKey: keys.recordsOf('business_units') });
      onClose();
    },
  });
  const title = task.kind === 'create' ? t('units.create') : task.kind === 'rename' ? t('units.rename') : t('units.moveTitle', { name: task.unit.name });
  return (
    <Modal opened onClose={onClose} title={title} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (moving || name.trim()) save.mutate();
        }}
      >
        {!moving && <TextInput data-autofocus label={t('units.name')} value={name} maxLength={160} onChange={(event) => setName(event.currentTarget.value)} />}
        {moving && <p style={{ margin: '0 0 12px', color: 'var(--k-text-2)' }}>{t('units.moveHelp')}</p>}
        {task.kind !== 'rename' && <NativeSelect mt={moving ? 0 : 'sm'} label={t('units.under')} value={parent} data={places.map((unit) => ({ value: unit.id, label: unit.path }))} onChange={(event) => setParent(event.currentTarget.value)} />}
        {save.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(save.error)}</p>}
        <Button type="submit" mt="md" fullWidth loading={save.isPending} disabled={!moving && !name.trim()}>
          {t('ui.save')}
        </Button>
      </form>
    </Modal>
  );
}
