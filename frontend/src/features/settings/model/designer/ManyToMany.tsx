import { ActionIcon, Button, Group as Row, Modal, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import { IconArrowsLeftRight, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { dropChange, type RelationshipDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { useObjects, type Entity } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyState } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../../SectionFrame';
import settings from '../../settings.module.css';
import { LabelTranslations, filledIn } from '../LabelTranslations';
import model from '../model.module.css';
import { useAskingClose } from '../useAskingClose';
import { refreshDraft, useAddChange, useCustomization } from '../useDraft';
import { linkRows, type LinkRow } from './links';

/** Objects whose records are people and places: they are referred to by fields. */
const NOT_LINKED = new Set(['user', 'team', 'business_unit', 'role']);

/** Many-to-many relationships of an object, whichever side it is on (PLT-6). */
export function ManyToMany({ entity }: { entity: Entity }) {
  const t = useT();
  const client = useQueryClient();
  const add = useAddChange();
  const customization = useCustomization().data;
  const objects = useObjects();
  const [editing, setEditing] = useState<LinkRow | 'new' | null>(null);
  const rows = linkRows(entity.name, customization?.body?.relationships ?? {}, customization?.draft.changes ?? []);
  const labelOf = (name: string) => objects.find((object) => object.name === name)?.label ?? name;
  const takeBack = async (id: string) => {
    await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const remove = (row: LinkRow) => {
    if (row.draft === 'new') return void takeBack(row.changeId!);
    add.mutate(
      { kind: 'relationship', operation: 'delete', object: row.object, name: row.key, definition: {} },
      { onSuccess: (made) => toast({ message: t('relations.removed', { name: row.definition.label }), undo: () => takeBack(made.id) }), onError: (error) => toast({ message: errorMessage(error), kind: 'error' }) },
    );
  };
  return (
    <Group title={t('relations.many')} help={t('relations.manyHelp', { objects: entity.label_plural })}>
      {!rows.length && <EmptyState compact title={t('relations.noMany')} />}
      {rows.length > 0 && (
        <div className={settings.card}>
          {rows.map((row) => (
            <div key={row.key} className={settings.cardRow} data-muted={row.draft === 'deleted' || undefined}>
              <IconArrowsLeftRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
              <span className={settings.grow}>
                <span className={settings.cellLine} style={{ flexWrap: 'wrap' }}>
                  <b>{row.definition.label}</b>
                  {row.draft && <Chip color={row.draft === 'deleted' ? 'red' : 'yellow'} label={t(row.draft === 'new' ? 'model.draftNew' : row.draft === 'deleted' ? 'model.draftDeleted' : 'model.draftChanged')} />}
                </span>
                <span className="k-meta">
                  {t('relations.between', { first: labelOf(row.object), second: labelOf(row.definition.target) })}
                  {row.definition.reverse_label ? ` · ${t('relations.otherSide', { label: row.definition.reverse_label })}` : ''}
                </span>
              </span>
              {row.draft === 'deleted' ? (
                <Button size="compact-xs" variant="subtle" onClick={() => void takeBack(row.changeId!)}>{t('relations.keep')}</Button>
              ) : (
                <>
                  <Tooltip label={t('relations.editMany')}>
                    <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('relations.editMany')}: ${row.definition.label}`} onClick={() => setEditing(row)}><IconPencil size={16} stroke={1.75} /></ActionIcon>
                  </Tooltip>
                  <Tooltip label={t('relations.remove')}>
                    <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('relations.remove')}: ${row.definition.label}`} onClick={() => remove(row)}><IconTrash size={16} stroke={1.75} /></ActionIcon>
                  </Tooltip>
                </>
              )}
            </div>
          ))}
        </div>
      )}
      <Button mt="sm" variant="default" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>{t('relations.newMany')}</Button>
      {editing && <RelationshipDialog entity={entity} row={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </Group>
  );
}

function RelationshipDialog({ entity, row, onClose }: { entity: Entity; row: LinkRow | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const objects = useObjects().filter((object) => !NOT_LINKED.has(object.name));
  const [definition, setDefinition] = useState<RelationshipDefinition>(row?.definition ?? { label: '', target: '', reverse_label: '' });
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const change = (part: Partial<RelationshipDefinition>) => setDefinition({ ...definition, ...part });
  const asking = useAskingClose(definition, onClose);
  const first = row?.object ?? entity.name;
  const itself = definition.target === first;
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  const labelOf = (name: string) => objects.find((object) => object.name === name)?.label ?? name;
  const submit = () => {
    const { label, labels, target, reverse_label, reverse_labels } = definition;
    const sent = { label, target, reverse_label: reverse_label?.trim() || null, labels: filledIn(labels ?? {}), reverse_labels: filledIn(reverse_labels ?? {}) };
    add.mutate(
      { kind: 'relationship', operation: row ? 'update' : 'create', object: first, name: row?.key ?? null, definition: sent },
      {
        onSuccess: () => {
          toast({ message: t('relations.saved', { name: label }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  };
  return (
    <Modal opened {...asking} title={t(row ? 'relations.editMany' : 'relations.newMany')} size={480} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={model.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <NativeSelect label={t('relations.with')} disabled={!!row} value={definition.target} error={errorOf('target')} onChange={(event) => change({ target: event.currentTarget.value })} data={[{ value: '', label: t('relations.choose') }, ...objects.map((object) => ({ value: object.name, label: object.label }))]} />
        <TextInput data-autofocus label={t('relations.listOn', { object: labelOf(first) })} description={t('relations.listHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} maxLength={60} value={definition.label} error={errorOf('label')} onChange={(event) => change({ label: event.currentTarget.value })} />
        {definition.target && !(row && !row.definition.reverse_label) && (
          <TextInput label={t(itself ? 'relations.otherEnd' : 'relations.listOn', { object: labelOf(definition.target) })} description={itself ? t('relations.otherEndHelp') : undefined} inputWrapperOrder={['label', 'input', 'description', 'error']} maxLength={60} value={definition.reverse_label ?? ''} error={errorOf('reverse_label')} onChange={(event) => change({ reverse_label: event.currentTarget.value })} />
        )}
        {definition.label.trim() && <LabelTranslations title={t('relations.namesOf', { label: definition.label })} labels={definition.labels ?? {}} onChange={(labels) => change({ labels })} />}
        {definition.reverse_label?.trim() && <LabelTranslations title={t('relations.namesOf', { label: definition.reverse_label })} labels={definition.reverse_labels ?? {}} onChange={(reverse_labels) => change({ reverse_labels })} />}
        {failure && !['target', 'label', 'reverse_label'].includes(failure.field ?? '') && <p className={model.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={add.isPending} disabled={!definition.target || !definition.label.trim() || (!itself && !definition.reverse_label?.trim())}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}
