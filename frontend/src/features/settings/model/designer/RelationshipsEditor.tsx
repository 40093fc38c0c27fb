import { ActionIcon, Button, Group as Row, Modal, NativeSelect, Tooltip } from '@mantine/core';
import { IconLock, IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { dropChange } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { useObjects, type Entity } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { ObjectIcon } from '@/ui/icons';
import { EmptyState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../../SectionFrame';
import settings from '../../settings.module.css';
import model from '../model.module.css';
import { refreshDraft, useAddChange, useCustomization } from '../useDraft';
import { ACTS, behaviourRows, DELETE, kindOf, KINDS, meant, SCOPES, type BehaviourRow, type Kind } from './behaviours';
import { ManyToMany } from './ManyToMany';

/** What acts on a record do to the records that hang on it (PLT-20). */
export function RelationshipsEditor({ entity }: { entity: Entity | undefined }) {
  const t = useT();
  const customization = useCustomization().data;
  const objects = useObjects();
  const [editing, setEditing] = useState<BehaviourRow | null>(null);
  if (!entity) return <SkeletonRows />;
  const rows = behaviourRows(entity, customization?.draft.changes ?? []);
  const labelOf = (name: string) => objects.find((object) => object.name === name)?.label ?? name;
  const children = entity.relationships.filter((relationship) => relationship.kind === 'one_to_many');
  return (
    <>
      <Group title={t('relations.parents')} help={t('relations.parentsHelp', { objects: entity.label_plural })}>
        {!rows.length && <EmptyState compact title={t('relations.noParents')} />}
        {rows.length > 0 && (
          <div className={settings.card}>
            {rows.map((row) => (
              <div key={row.attribute.name} className={settings.cardRow}>
                <span className={settings.grow}>
                  <span className={settings.cellLine} style={{ flexWrap: 'wrap' }}>
                    <b>{row.attribute.label}</b>
                    <Chip color={row.behaviour.kind === 'parental' ? 'indigo' : 'gray'} label={t(`relations.kind.${row.behaviour.kind as Kind}`)} />
                    {row.changeId && <Chip color="yellow" label={t('model.draftChanged')} />}
                  </span>
                  <span className="k-meta">
                    {[row.attribute.targets.map(labelOf).join(', ') || t('relations.anyObject'), t('relations.onDelete', { what: t(`relations.delete.${row.behaviour.delete as (typeof DELETE)[number]}`) })].join(' · ')}
                  </span>
                </span>
                {row.behaviour.fixed ? (
                  <Tooltip label={t('relations.fixed')}>
                    <span tabIndex={0} role="img" aria-label={t('relations.fixed')} style={{ display: 'inline-flex', padding: 6, color: 'var(--k-text-3)' }}>
                      <IconLock size={16} stroke={1.75} />
                    </span>
                  </Tooltip>
                ) : (
                  <Tooltip label={t('relations.edit')}>
                    <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('relations.edit')}: ${row.attribute.label}`} onClick={() => setEditing(row)}>
                      <IconPencil size={16} stroke={1.75} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </div>
            ))}
          </div>
        )}
      </Group>
      <Group title={t('relations.children')} help={t('relations.childrenHelp', { object: entity.label })}>
        {!children.length && <EmptyState compact title={t('relations.noChildren')} />}
        {children.length > 0 && (
          <div className={settings.card}>
            {children.map((relationship) => {
              const object = objects.find((entry) => entry.name === relationship.object);
              return (
                <a key={relationship.name} className={settings.cardRow} href={`/settings/objects/${relationship.object}/relationships`}>
                  <ObjectIcon name={object?.icon ?? null} color={object?.color ?? null} />
                  <span className={settings.grow}>
                    <b>{relationship.label}</b> <span className="k-meta">{labelOf(relationship.object)}</span>
                  </span>
                  {relationship.behaviour && <Chip color={relationship.behaviour === 'parental' ? 'indigo' : 'gray'} label={t(`relations.kind.${relationship.behaviour as Kind}`)} />}
                </a>
              );
            })}
          </div>
        )}
      </Group>
      <ManyToMany entity={entity} />
      {editing && <BehaviourDialog entity={entity} row={editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function BehaviourDialog({ entity, row, onClose }: { entity: Entity; row: BehaviourRow; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const add = useAddChange();
  const { attribute } = row;
  const [chosen, setChosen] = useState(row.behaviour);
  const [configured, setConfigured] = useState(row.behaviour.kind === 'configurable');
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const kind: Kind = configured ? 'configurable' : kindOf(chosen);
  // Records that belong to nobody cannot follow anybody.
  const kinds = chosen.owned ? KINDS : KINDS.filter((entry) => entry !== 'parental');
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  const pick = (next: Kind) => {
    setConfigured(next === 'configurable');
    setFailure(null);
    if (next !== 'configurable') setChosen({ ...chosen, ...meant(next) });
  };
  const takeBack = async (id: string) => {
    await dropChange(id).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const submit = () => {
    const definition = { assign: chosen.assign, share: chosen.share, unshare: chosen.unshare, reparent: chosen.reparent, delete: chosen.delete };
    add.mutate(
      { kind: 'behaviour', operation: 'update', object: entity.name, name: attribute.name, definition },
      {
        onSuccess: (made) => {
          toast({ message: t('relations.saved', { name: attribute.label }), kind: 'success', undo: () => takeBack(made.id) });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={t('relations.editTitle', { name: attribute.label })} size={520} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={model.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <NativeSelect
          data-autofocus
          label={t('relations.kind')}
          description={t(`relations.kindHelp.${kind}`, { objects: entity.label_plural })}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={kind}
          error={errorOf('kind')}
          onChange={(event) => pick(event.currentTarget.value as Kind)}
          data={kinds.map((value) => ({ value, label: t(`relations.kind.${value}`) }))}
        />
        {configured && (
          <>
            {chosen.owned && (
              <div className={model.pair} style={{ flexWrap: 'wrap' }}>
                {ACTS.map((act) => (
                  <NativeSelect key={act} style={{ flexBasis: '45%' }} label={t(`relations.act.${act}`)} value={chosen[act]} error={errorOf(act)} onChange={(event) => setChosen({ ...chosen, [act]: event.currentTarget.value })} data={SCOPES.map((value) => ({ value, label: t(`relations.scope.${value}`) }))} />
                ))}
              </div>
            )}
            <NativeSelect label={t('relations.act.delete')} value={chosen.delete} error={errorOf('delete')} onChange={(event) => setChosen({ ...chosen, delete: event.currentTarget.value })} data={DELETE.map((value) => ({ value, label: t(`relations.delete.${value}`) }))} />
          </>
        )}
        <p className="k-meta" style={{ margin: 0 }}>{t('relations.merge')}</p>
        {failure && !errorOf('kind') && !(configured && [...ACTS, 'delete'].includes(failure.field ?? '')) && <p className={model.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={add.isPending}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}
