import { ActionIcon, Button, Menu, TextInput, Tooltip } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { dropChange, type Customization, type ObjectDefinition } from '@/api/customization';
import { errorMessage } from '@/api/errors';
import { useT, type Key } from '@/i18n';
import { entityQuery, useObject, type Entity } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { ObjectIcon } from '@/ui/icons';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { DraftBar } from './DraftBar';
import { FieldDialog } from './FieldDialog';
import { fieldRows, type DraftKind, type FieldRow } from './fieldRows';
import { ObjectDialog } from './ObjectDialog';
import { ObjectTabs, type ObjectPart } from './ObjectTabs';
import { StandardFieldDialog } from './StandardFieldDialog';
import { TypeIcon } from './TypeIcon';
import { draftOf, refreshDraft, useAddChange, useCustomization, useDraftEntity } from './useDraft';

const FormDesigner = lazy(() => import('./designer/FormDesigner').then((module) => ({ default: module.FormDesigner })));

const RelationshipsEditor = lazy(() => import('./designer/RelationshipsEditor').then((module) => ({ default: module.RelationshipsEditor })));
const RulesEditor = lazy(() => import('./designer/RulesEditor').then((module) => ({ default: module.RulesEditor })));
const ViewsEditor = lazy(() => import('./designer/ViewsEditor').then((module) => ({ default: module.ViewsEditor })));

const DRAFT_LABEL: Record<Exclude<DraftKind, null>, Key> = { new: 'model.draftNew', changed: 'model.draftChanged', deleted: 'model.draftDeleted' };

/** One object: its fields as published and as drafted, its form, its views. */
export function ObjectEditor({ name, part }: { name: string; part: ObjectPart }) {
  const object = useObject(name);
  const customization = useCustomization();
  const changes = customization.data?.draft.changes ?? [];
  const drafted = draftOf(changes, 'object', name);
  const entity = useQuery({ ...entityQuery(name), enabled: !!object });
  const error = customization.error ?? entity.error;
  if (error) return <ErrorState error={error} onRetry={() => void customization.refetch()} />;
  if (!customization.data || (object && !entity.data)) return <SkeletonRows />;
  if (!object && !drafted) return <ErrorState error={{ status: 404 }} />;
  const definition = (drafted?.definition ?? {}) as ObjectDefinition;
  const label = definition.label_plural ?? object?.label_plural ?? definition.label ?? name;
  return <Editor name={name} part={part} label={label} icon={definition.icon ?? object?.icon ?? null} color={definition.color ?? object?.color ?? null} custom={object?.custom ?? true} entity={entity.data} />;
}

interface EditorProps {
  name: string;
  part: ObjectPart;
  label: string;
  icon: string | null;
  color: string | null;
  custom: boolean;
  entity: Entity | undefined;
}

function Editor({ name, part, label, icon, color, custom, entity }: EditorProps) {
  const t = useT();
  const client = useQueryClient();
  const customization = useCustomization().data;
  const changes = customization?.draft.changes ?? [];
  const add = useAddChange();
  const [text, setText] = useState('');
  const [editing, setEditing] = useState<FieldRow | 'new' | null>(null);
  const [editingObject, setEditingObject] = useState(false);
  const wanted = text.trim().toLowerCase();
  const rows = fieldRows(entity, name, changes, customization?.body?.attributes?.[name], customization?.body?.overrides?.[name]).filter((row) => !wanted || `${row.label} ${row.name}`.toLowerCase().includes(wanted));
  const drafted = draftOf(changes, 'object', name);
  // what is drafted can be named by rules, views and behaviours at once; an object about to go is shown as it is
  const designed = useDraftEntity(part === 'fields' || part === 'form' ? null : name) ?? entity;

  /** Take a change back out of the draft, as the undo of putting it in. */
  const takeBack = async (id: string) => {
    await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const deleteField = (row: FieldRow) => {
    if (row.draft === 'new') {
      // Never published: it simply leaves the draft.
      for (const change of changes.filter((entry) => entry.kind === 'attribute' && entry.object === name && entry.name === row.name)) void takeBack(change.id);
      return;
    }
    add.mutate(
      { kind: 'attribute', operation: 'delete', object: name, name: row.name, definition: {} },
      {
        onSuccess: (change) => toast({ message: t('model.deleteFieldDone', { name: row.label }), undo: () => takeBack(change.id) }),
        onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
      },
    );
  };
  const deleteObject = () =>
    add.mutate(
      { kind: 'object', operation: 'delete', object: null, name, definition: {} },
      {
        onSuccess: (change) => toast({ message: t('model.deleteObjectDone', { name: label }), undo: () => takeBack(change.id) }),
        onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
      },
    );

  return (
    <SectionFrame
      wide
      documentTitle={label}
      above={<a className={classes.crumb} href="/settings/objects">‹ {t('model.objects')}</a>}
      title={
        <>
          <ObjectIcon name={icon} color={color} size={28} /> {label}
          {drafted && <Chip color="yellow" label={t(DRAFT_LABEL[drafted.operation === 'create' ? 'new' : drafted.operation === 'delete' ? 'deleted' : 'changed'])} />}
        </>
      }
      actions={
        <>
          {custom && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Tooltip label={t('ui.more')}>
                  <ActionIcon variant="default" size={32} aria-label={t('ui.more')}>
                    <IconDots size={16} stroke={1.75} />
                  </ActionIcon>
                </Tooltip>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => setEditingObject(true)}>{t('model.editObject')}</Menu.Item>
                <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={deleteObject}>{t('model.deleteObject')}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
          {part === 'fields' && (
            <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>
              {t('model.addField')}
            </Button>
          )}
        </>
      }
    >
      <ObjectTabs name={name} part={part} />
      <DraftBar />
      {part === 'form' && (
        <Suspense fallback={<SkeletonRows />}>
          <FormDesigner name={name} />
        </Suspense>
      )}
      {part === 'views' && (
        <Suspense fallback={<SkeletonRows />}>
          <ViewsEditor name={name} entity={designed} published={entity} />
        </Suspense>
      )}
      {part === 'relationships' && (
        <Suspense fallback={<SkeletonRows />}>
          <RelationshipsEditor entity={designed} />
        </Suspense>
      )}
      {part === 'rules' && (
        <Suspense fallback={<SkeletonRows />}>
          <RulesEditor name={name} entity={designed} />
        </Suspense>
      )}
      {part === 'fields' && <Fields rows={rows} text={text} setText={setText} setEditing={setEditing} deleteField={deleteField} lockedBy={(row) => (lockOf(customization?.locked, row.custom ? 'attribute' : 'override', name, row.name) ?? lockOf(customization?.locked, 'reasons', name, row.name))} />}
      {editing && editing !== 'new' && !editing.custom && <StandardFieldDialog object={name} row={editing} onClose={() => setEditing(null)} />}
      {editing && (editing === 'new' || editing.custom) && <FieldDialog object={name} row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      {editingObject && <ObjectDialog name={name} entity={entity} onClose={() => setEditingObject(false)} />}
    </SectionFrame>
  );
}

interface FieldsProps {
  rows: FieldRow[];
  text: string;
  setText: (text: string) => void;
  setEditing: (row: FieldRow) => void;
  deleteField: (row: FieldRow) => void;
  /** The managed solution that does not let a field be changed. */
  lockedBy: (row: FieldRow) => string | undefined;
}

const lockOf = (locked: Customization['locked'], kind: string, object: string, name: string) => locked?.find((one) => one.kind === kind && one.object === object && one.name === name)?.solution;

function Fields({ rows, text, setText, setEditing, deleteField, lockedBy }: FieldsProps) {
  const t = useT();
  return (
    <>
      <div className={classes.toolbar}>
        <TextInput w={280} aria-label={t('model.findField')} placeholder={t('model.findField')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <span className="k-meta k-num">{rows.length}</span>
      </div>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('model.col.name')}</th>
            <th scope="col">{t('model.col.type')}</th>
            <th scope="col" className={classes.hideNarrow}>{t('model.col.rules')}</th>
            <th scope="col" className={classes.hideNarrow}>{t('model.col.apiName')}</th>
            <th scope="col" className={classes.hidePhone}>{t('model.col.kind')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} data-muted={row.draft === 'deleted' || undefined}>
              <td>
                <span className={classes.cellLine}>
                  {row.label}
                  {row.draft && <Chip color={row.draft === 'deleted' ? 'red' : 'yellow'} label={t(DRAFT_LABEL[row.draft])} />}
                  {lockedBy(row) && <Chip color="indigo" label={t('solutions.lockedBy', { name: lockedBy(row)! })} title={t('solutions.lockedByHelp', { name: lockedBy(row)! })} />}
                </span>
              </td>
              <td>
                <span className={classes.cellLine}>
                  <TypeIcon type={row.type} /> <span className={classes.nowrap}>{t(`model.type.${row.type}` as Key)}</span>
                </span>
              </td>
              <td className={classes.hideNarrow}><span className="k-meta">{ruleTexts(row).map((key) => t(key)).join(', ')}</span></td>
              <td className={classes.hideNarrow}><span className="k-code k-meta">{row.name}</span></td>
              <td className={classes.hidePhone}><Chip color={row.custom ? 'violet' : 'gray'} label={t(row.custom ? 'model.own' : 'model.standard')} /></td>
              <td className={`${classes.right} ${classes.nowrap}`}>
                {row.draft !== 'deleted' && !lockedBy(row) && (
                  <>
                    <Tooltip label={t('model.editField')}>
                      <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('model.editField')}: ${row.label}`} onClick={() => setEditing(row)}>
                        <IconPencil size={16} stroke={1.75} />
                      </ActionIcon>
                    </Tooltip>
                    {row.custom && <Tooltip label={t('model.deleteField')}>
                      <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('model.deleteField')}: ${row.label}`} onClick={() => deleteField(row)}>
                        <IconTrash size={16} stroke={1.75} />
                      </ActionIcon>
                    </Tooltip>}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function ruleTexts(row: FieldRow): Key[] {
  const rules: [boolean, Key][] = [
    [row.required, 'model.required'],
    [row.recommended, 'model.recommended'],
    [row.unique, 'model.unique'],
    [row.searchable, 'model.searchable'],
    [row.readOnly, 'model.readOnly'],
    [row.secured, 'model.secured'],
  ];
  return rules.filter(([on]) => on).map(([, key]) => key);
}
