import { Button, Checkbox, Group as Row, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { addChange, type ObjectDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { useObjects, type Entity } from '@/metadata';
import { ObjectIcon } from '@/ui/icons';
import { GALLERY } from '@/ui/iconGallery';
import { toast } from '@/ui/toast';
import classes from './model.module.css';
import { ColorPicker } from './OptionsEditor';
import { refreshDraft, useDraftChanges, draftOf } from './useDraft';

const FEATURES = ['activities', 'notes', 'attachments', 'quick_create', 'import', 'export', 'bulk', 'audit'] as const;
const START: ObjectDefinition = { label: '', label_plural: '', primary_label: '', icon: 'box', color: 'indigo', description: '', ownership: 'user', features: [...FEATURES] };

/** Create an object, at once with a link to another one, or change one of one's own. Both go into the draft. */
export function ObjectDialog({ name, entity, onClose }: { name?: string; entity?: Entity; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const objects = useObjects().filter((object) => !object.custom || object.name !== name);
  const drafted = draftOf(useDraftChanges(), 'object', name ?? '')?.definition as ObjectDefinition | undefined;
  const published: ObjectDefinition | undefined = entity && { label: entity.label, label_plural: entity.label_plural, icon: entity.icon, color: entity.color, features: entity.features, ownership: entity.ownership };
  const [definition, setDefinition] = useState<ObjectDefinition>({ ...START, ...published, ...drafted });
  const [link, setLink] = useState('account');
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const change = (part: ObjectDefinition) => setDefinition({ ...definition, ...part });
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);

  const save = useMutation({
    mutationFn: async () => {
      const sent: ObjectDefinition = { label: definition.label?.trim(), icon: definition.icon, color: definition.color, features: definition.features?.filter((feature) => (FEATURES as readonly string[]).includes(feature)) };
      if (definition.label_plural?.trim()) sent.label_plural = definition.label_plural.trim();
      if (definition.primary_label?.trim()) sent.primary_label = definition.primary_label.trim();
      if (definition.description?.trim()) sent.description = definition.description.trim();
      if (name) return addChange({ kind: 'object', operation: 'update', object: null, name, definition: sent });
      const made = await addChange({ kind: 'object', operation: 'create', object: null, name: null, definition: { ...sent, ownership: definition.ownership } });
      const target = objects.find((object) => object.name === link);
      if (target) await addChange({ kind: 'attribute', operation: 'create', object: made.name, name: null, definition: { type: 'lookup', label: target.label, targets: [target.name], on_delete: 'remove_link' } });
      return made;
    },
    onSuccess: async (made) => {
      await refreshDraft(client);
      toast({ message: t(name ? 'field.changed' : 'field.added', { name: definition.label ?? '' }), kind: 'success' });
      onClose();
      if (!name) void navigate({ to: `/settings/objects/${made.name}` });
    },
    onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
  });

  return (
    <Modal opened onClose={onClose} title={t(name ? 'model.editObject' : 'model.newObject')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div className={classes.pair}>
          <TextInput data-autofocus label={t('object.label')} placeholder={t('object.labelPlaceholder')} withAsterisk maxLength={60} value={definition.label ?? ''} error={errorOf('label')} onChange={(event) => change({ label: event.currentTarget.value })} />
          <TextInput label={t('object.labelPlural')} placeholder={t('object.labelPluralPlaceholder')} maxLength={60} value={definition.label_plural ?? ''} error={errorOf('label_plural')} onChange={(event) => change({ label_plural: event.currentTarget.value })} />
        </div>
        {!name && (
          <div className={classes.pair}>
            <TextInput label={t('object.primaryLabel')} placeholder={t('object.primaryPlaceholder')} maxLength={60} value={definition.primary_label ?? ''} error={errorOf('primary_label')} onChange={(event) => change({ primary_label: event.currentTarget.value })} />
            <NativeSelect
              label={t('object.link')}
              description={t('object.linkHelp')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              value={link}
              onChange={(event) => setLink(event.currentTarget.value)}
              data={[{ value: '', label: t('object.linkNone') }, ...objects.map((object) => ({ value: object.name, label: object.label }))]}
            />
          </div>
        )}
        <fieldset className={classes.fieldset}>
          <legend>{t('object.icon')}</legend>
          <div style={{ display: 'flex', gap: 12, alignItems: 'flex-start' }}>
            <div style={{ display: 'flex', flexDirection: 'column', gap: 8, alignItems: 'center' }}>
              <ObjectIcon name={definition.icon} color={definition.color} size={28} />
              <ColorPicker label={t('object.color')} value={definition.color ?? null} onChange={(color) => change({ color })} />
            </div>
            <div className={classes.icons} style={{ flex: 1 }} role="radiogroup" aria-label={t('object.icon')}>
              {Object.entries(GALLERY).map(([icon, Sign]) => (
                <button key={icon} type="button" role="radio" aria-checked={definition.icon === icon} className={classes.iconButton} aria-label={icon} title={icon} onClick={() => change({ icon })}>
                  <Sign size={18} stroke={1.75} aria-hidden />
                </button>
              ))}
            </div>
          </div>
        </fieldset>
        <Textarea label={t('object.description')} autosize minRows={1} maxRows={4} maxLength={1000} value={definition.description ?? ''} onChange={(event) => change({ description: event.currentTarget.value })} />
        {!name && (
          <NativeSelect
            label={t('object.ownership')}
            value={definition.ownership}
            onChange={(event) => change({ ownership: event.currentTarget.value })}
            data={(['user', 'organisation'] as const).map((value) => ({ value, label: t(`object.ownership.${value}`) }))}
          />
        )}
        <Checkbox.Group label={t('object.features')} value={definition.features ?? []} onChange={(features) => change({ features })}>
          <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(160px, 1fr))', gap: 8, marginTop: 6 }}>
            {FEATURES.map((feature) => (
              <Checkbox key={feature} size="xs" value={feature} label={t(`object.feature.${feature}`)} />
            ))}
          </div>
        </Checkbox.Group>
        {failure && !['label', 'label_plural', 'primary_label'].includes(failure.field ?? '') && <p className={classes.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={save.isPending} disabled={!definition.label?.trim()}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}
