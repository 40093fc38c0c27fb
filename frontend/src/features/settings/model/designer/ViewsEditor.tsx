import { ActionIcon, Button, Checkbox, Group as Row, Menu, Modal, TextInput, Tooltip } from '@mantine/core';
import { IconDots, IconPencil, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { dropChange, type ViewDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { FilterBuilder } from '@/records/filter';
import { ColumnChooser, columnsOf, SortMenu, useRelatedEntities } from '@/records/list';
import { Chip } from '@/ui/Chip';
import { SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import settings from '../../settings.module.css';
import { LabelTranslations } from '../LabelTranslations';
import model from '../model.module.css';
import { useAskingClose } from '../useAskingClose';
import { refreshDraft, useAddChange, useCustomization } from '../useDraft';
import classes from './designer.module.css';
import { viewRows, viewToSend, type ViewRow } from './viewRows';

/** The standard views of an object: change, add, take away, all in the draft (PLT-8). */
export function ViewsEditor({ name, entity, published }: { name: string; entity: Entity | undefined; published: Entity | undefined }) {
  const t = useT();
  const customization = useCustomization().data;
  const [editing, setEditing] = useState<ViewRow | 'new' | null>(null);
  if (!entity) return <SkeletonRows />;
  const changes = customization?.draft.changes ?? [];
  // an object that was never published has its first views, and those somebody drafted beside them
  const first = entity.views.filter((view) => !changes.some((change) => change.kind === 'view' && change.operation === 'create' && change.name === view.key));
  const rows = viewRows(published?.views ?? first, customization?.body?.views?.[name], changes, name);
  return (
    <>
      <div className={classes.bar} style={{ marginTop: 0 }}>
        <p className={`${classes.note} ${classes.fill}`} style={{ margin: 0 }}>{t('views.intro')}</p>
        <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>{t('views.new')}</Button>
      </div>
      <table className={settings.table}>
        <thead>
          <tr>
            <th scope="col">{t('views.col.name')}</th>
            <th scope="col" className={settings.hidePhone}>{t('views.col.columns')}</th>
            <th scope="col" className={settings.hidePhone}>{t('views.col.filter')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ViewLine key={row.key} object={name} entity={entity} row={row} onEdit={() => setEditing(row)} />
          ))}
        </tbody>
      </table>
      {editing && <ViewDialog object={name} entity={entity} row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

const conditionsIn = (tree: unknown): number => {
  if (!tree || typeof tree !== 'object') return 0;
  const node = tree as Record<string, unknown>;
  const parts = [...((node.and as unknown[]) ?? []), ...((node.or as unknown[]) ?? []), ...(node.not ? [node.not] : [])];
  return parts.length ? parts.reduce<number>((sum, part) => sum + conditionsIn(part), 0) : 1;
};

function ViewLine({ object, entity, row, onEdit }: { object: string; entity: Entity; row: ViewRow; onEdit: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const add = useAddChange();
  const { definition, draft } = row;
  const takeBack = async (id: string) => {
    await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const change = (sent: Record<string, unknown>, message: string) =>
    add.mutate(
      { kind: 'view', operation: 'delete', object, name: row.key, definition: sent },
      { onSuccess: (made) => toast({ message, undo: () => takeBack(made.id) }), onError: (error) => toast({ message: errorMessage(error), kind: 'error' }) },
    );
  const labels = definition.columns.map((column) => entity.attributes.find((attribute) => attribute.name === column.name)?.label ?? column.name);
  return (
    <tr data-muted={draft === 'deleted' || undefined}>
      <td>
        <span className={settings.cellLine} style={{ flexWrap: 'wrap' }}>
          {definition.label}
          {definition.default && <Chip color="indigo" label={t('views.default')} />}
          {draft === 'deleted' && !row.changeId ? <Chip color="gray" label={t('views.hidden')} /> : draft && <Chip color={draft === 'deleted' ? 'red' : 'yellow'} label={t(draft === 'new' ? 'model.draftNew' : draft === 'deleted' ? 'model.draftDeleted' : 'model.draftChanged')} />}
          {!draft && (row.custom ? <Chip color="violet" label={t('views.own')} /> : row.changed && <Chip color="blue" label={t('views.changed')} />)}
        </span>
      </td>
      <td className={settings.hidePhone}><span className="k-meta">{labels.join(', ')}</span></td>
      <td className={`${settings.hidePhone} ${settings.nowrap}`}><span className="k-meta">{t('views.conditions', { count: definition.filter ? conditionsIn(definition.filter) : 0 })}</span></td>
      <td className={`${settings.right} ${settings.nowrap}`}>
        {draft !== 'deleted' && (
          <Tooltip label={t('views.edit')}>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('views.edit')}: ${definition.label}`} onClick={onEdit}>
              <IconPencil size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${definition.label}`}>
              <IconDots size={16} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {row.changeId && <Menu.Item onClick={() => void takeBack(row.changeId!)}>{t('designer.dropDraft.view')}</Menu.Item>}
            {!row.custom && row.changed && <Menu.Item onClick={() => change({ reset: true }, t('views.resetDone'))}>{t('views.reset')}</Menu.Item>}
            {draft !== 'deleted' && draft !== 'new' && <Menu.Item color="red" onClick={() => change({}, t('views.removed'))}>{t('views.remove')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

const startOf = (entity: Entity): ViewDefinition => ({ label: '', columns: [{ name: entity.primary_attribute }], filter: null, order: [entity.primary_attribute], default: false, layout: 'table' });

function ViewDialog({ object, entity, row, onClose }: { object: string; entity: Entity; row: ViewRow | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const [definition, setDefinition] = useState<ViewDefinition>(row?.definition ?? startOf(entity));
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const [unfinished, setUnfinished] = useState(0);
  const asking = useAskingClose(definition, onClose);
  const change = (part: Partial<ViewDefinition>) => {
    setDefinition({ ...definition, ...part });
    setFailure(null);
  };
  const { find } = useRelatedEntities(entity, [...definition.columns.map((column) => column.name), ...definition.order]);
  const columns = columnsOf(entity, definition.columns, {}, find);
  const widthOf = (name: string) => definition.columns.find((column) => column.name === name)?.width;
  const submit = () => {
    if (unfinished) return setFailure({ field: 'filter', message: t('model.unfinished') });
    add.mutate(
      { kind: 'view', operation: row ? 'update' : 'create', object, name: row?.key ?? null, definition: viewToSend(definition) },
      {
        onSuccess: () => {
          toast({ message: t('views.saved', { name: definition.label.trim() }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  };
  return (
    <Modal opened {...asking} size={720} title={t(row ? 'views.edit' : 'views.new')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={model.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput data-autofocus required withAsterisk label={t('views.name')} maxLength={60} value={definition.label} error={failure?.field === 'label' ? failure.message : undefined} onChange={(event) => change({ label: event.currentTarget.value })} />
        <LabelTranslations labels={definition.labels ?? {}} onChange={(labels) => change({ labels })} />
        <fieldset className={model.fieldset}>
          <legend>{t('views.columns')}</legend>
          <div className={classes.chips}>
            {columns.map((column) => (
              <Chip key={column.name} color={column.attribute ? 'gray' : 'red'} label={column.label} />
            ))}
            <ColumnChooser entity={entity} columns={columns} compact={false} onChange={(names) => change({ columns: names.map((column) => ({ name: column, ...(widthOf(column) ? { width: widthOf(column) } : {}) })) })} />
          </div>
        </fieldset>
        <fieldset className={model.fieldset}>
          <legend>{t('views.sort')}</legend>
          <div className={classes.chips}>
            <SortMenu entity={entity} order={definition.order} find={find} compact={false} onChange={(order) => change({ order })} />
          </div>
        </fieldset>
        <fieldset className={model.fieldset}>
          <legend>{t('views.filter')}</legend>
          <FilterBuilder entity={entity} filter={definition.filter} onChange={(filter, left) => {
            change({ filter });
            setUnfinished(left);
          }} />
        </fieldset>
        <Checkbox size="xs" label={t('views.makeDefault')} checked={definition.default ?? false} onChange={(event) => change({ default: event.currentTarget.checked })} />
        {failure && failure.field !== 'label' && <p className={model.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={add.isPending} disabled={!definition.label.trim()}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}
