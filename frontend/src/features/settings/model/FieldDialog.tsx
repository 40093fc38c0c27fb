import { Button, Checkbox, Group as Row, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { AttributeDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { FieldInput, writeValue, type FieldAttribute } from '@/fields';
import { LANGUAGES, useT, type Key } from '@/i18n';
import { useObjects, useSession } from '@/metadata';
import { toast } from '@/ui/toast';
import type { FieldRow } from './fieldRows';
import { AutoNumberFields } from './AutoNumberFields';
import { CalculatedFields } from './CalculatedFields';
import classes from './model.module.css';
import { OptionTranslations } from './OptionTranslations';
import { optionsToSend } from './options';
import { OptionsEditor } from './OptionsEditor';
import { RollUpFields } from './RollUpFields';
import { TypeGallery } from './TypeGallery';
import { TypeIcon } from './TypeIcon';
import { hasOptions, hasRange, isComputed, mayBeSearched, mayBeUnique, mayHaveDefault, valueType, type FieldKind } from './types';
import { useAddChange, useCustomization } from './useDraft';

const FIRST_OPTIONS = [
  { label: '', color: 'blue' },
  { label: '', color: 'green' },
];

/** What a new field of a type starts with. */
function startOf(type: FieldKind): AttributeDefinition {
  return {
    type,
    label: '',
    ...(hasOptions(type) ? { options: FIRST_OPTIONS } : {}),
    ...(type === 'dec' ? { precision: 2 } : {}),
    ...(type === 'roll_up' ? { function: 'count' } : {}),
    ...(type === 'auto' ? { digits: 5, suffix: 0, next_number: 1 } : {}),
    ...(type === 'lookup' ? { targets: ['account'], on_delete: 'remove_link' as const } : {}),
  };
}

/** Only what the server accepts for the type. */
export function definitionToSend(definition: AttributeDefinition): AttributeDefinition {
  const type = definition.type as FieldKind;
  const sent: AttributeDefinition = {
    type,
    label: definition.label?.trim() ?? '',
    help: definition.help ?? '',
    ...(isComputed(type) ? {} : { required: definition.required ?? false, recommended: definition.recommended ?? false }),
  };
  const labels = Object.fromEntries(Object.entries(definition.labels ?? {}).filter(([, text]) => text.trim()));
  if (Object.keys(labels).length) sent.labels = labels;
  if (mayBeUnique(type)) sent.unique = definition.unique ?? false;
  if (mayBeSearched(type)) {
    sent.searchable = definition.searchable ?? false;
    sent.max_length = definition.max_length ?? null;
    sent.format = definition.format || null;
  }
  if (type === 'auto') Object.assign(sent, { prefix: definition.prefix ?? '', date_part: definition.date_part ?? null, digits: definition.digits ?? 5, suffix: definition.suffix ?? 0, next_number: definition.next_number ?? 1 });
  if (type === 'calculated') Object.assign(sent, { expression: definition.expression ?? '', precision: definition.precision ?? 2 });
  if (type === 'roll_up') Object.assign(sent, { function: definition.function ?? 'count', relationship: definition.relationship ?? '', measure: definition.measure ?? null, filter: definition.filter ?? null });
  if (type === 'dec') sent.precision = definition.precision ?? 2;
  if (hasRange(type)) {
    sent.min = definition.min ?? null;
    sent.max = definition.max ?? null;
  }
  if (hasOptions(type)) {
    if (definition.option_list) sent.option_list = definition.option_list;
    else Object.assign(sent, optionsToSend(definition.options ?? []));
  }
  if (type === 'lookup') {
    sent.targets = definition.targets;
    // Left out when unknown, so that an edit never changes a rule nobody touched.
    if (definition.on_delete) sent.on_delete = definition.on_delete;
  }
  if (mayHaveDefault(type) && definition.default != null && definition.default !== '') sent.default = definition.default;
  return sent;
}

/** Add a field of any type, or change one of one's own; both go into the draft. */
export function FieldDialog({ object, row, onClose }: { object: string; row: FieldRow | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const [definition, setDefinition] = useState<AttributeDefinition | null>(row ? row.definition : null);
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const type = definition?.type as FieldKind | undefined;

  const submit = () => {
    if (!definition) return;
    const sent = definitionToSend(definition);
    add.mutate(
      { kind: 'attribute', operation: row ? 'update' : 'create', object, name: row?.name ?? null, definition: sent },
      {
        onSuccess: () => {
          toast({ message: t(row ? 'field.changed' : 'field.added', { name: sent.label ?? '' }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  };

  return (
    <Modal opened onClose={onClose} title={row ? t('model.editField') : type ? t('model.addField') : t('model.chooseType')} size={type && type !== 'calculated' && type !== 'roll_up' ? 560 : 640} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {!definition || !type ? (
        <TypeGallery onPick={(picked) => setDefinition(startOf(picked))} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <div className={classes.typeLine}>
            <TypeIcon type={type} />
            <b>{t(`model.type.${type}` as Key)}</b>
            <span className="k-meta">{row ? t('field.fixed') : t(`model.typeHelp.${type}` as Key)}</span>
            {!row && (
              <Button size="compact-xs" variant="subtle" ml="auto" onClick={() => setDefinition(null)}>
                {t('ui.back')}
              </Button>
            )}
          </div>
          <FieldForm definition={definition} type={type} object={object} isNew={!row} published={row && row.draft !== 'new' ? row.name : null} sequence={row ? `${object}.${row.name}` : null} failure={failure} onChange={(change) => setDefinition({ ...definition, ...change })} />
          {failure && !SHOWN_BESIDE.test(failure.field ?? '') && <p className={classes.failure} role="alert">{failure.message}</p>}
          <Row justify="flex-end" gap={8} mt="lg">
            <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
            <Button type="submit" loading={add.isPending} disabled={!definition.label?.trim()}>{t('field.addToDraft')}</Button>
          </Row>
        </form>
      )}
    </Modal>
  );
}

/** Errors with these fields stand at their input. */
const SHOWN_BESIDE = /^(label|options|replacements|min|max|max_length|precision|targets|default|expression|function|relationship|measure|filter|prefix|digits|next_number)/;

interface FieldFormProps {
  definition: AttributeDefinition;
  type: FieldKind;
  object: string;
  isNew: boolean;
  /** The field's name once it is published. */
  published: string | null;
  /** Where an automatic number counts. */
  sequence: string | null;
  failure: { field: string | null; message: string } | null;
  onChange: (change: AttributeDefinition) => void;
}

const toNumber = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));

function FieldForm({ definition, type, object, isNew, published, sequence, failure, onChange }: FieldFormProps) {
  const t = useT();
  const objects = useObjects();
  const numbers = useCustomization().data?.next_numbers;
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  return (
    <div className={classes.form}>
      <TextInput data-autofocus label={t('field.label')} description={t('field.labelHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} maxLength={60} required withAsterisk value={definition.label ?? ''} error={errorOf('label')} onChange={(event) => onChange({ label: event.currentTarget.value })} />
      {mayBeSearched(type) && (
        <div className={classes.pair}>
          <NativeSelect
            label={t('field.format')}
            value={definition.format ?? ''}
            onChange={(event) => onChange({ format: event.currentTarget.value || null })}
            data={(type === 'text' ? ['', 'email', 'phone', 'url'] : ['', 'rich']).map((value) => ({ value, label: t((type === 'memo' && !value ? 'field.format.plain' : `field.format.${value || 'none'}`) as Key) }))}
          />
          <TextInput label={t('field.maxLength')} inputMode="numeric" value={definition.max_length ?? ''} error={errorOf('max_length')} onChange={(event) => onChange({ max_length: toNumber(event.currentTarget.value) })} />
        </div>
      )}
      {type === 'dec' && <TextInput label={t('field.precision')} inputMode="numeric" value={definition.precision ?? ''} error={errorOf('precision')} onChange={(event) => onChange({ precision: toNumber(event.currentTarget.value) })} />}
      {hasRange(type) && (
        <div className={classes.pair}>
          <TextInput label={t('field.min')} inputMode="decimal" value={definition.min ?? ''} error={errorOf('min')} onChange={(event) => onChange({ min: event.currentTarget.value || null })} />
          <TextInput label={t('field.max')} inputMode="decimal" value={definition.max ?? ''} error={errorOf('max')} onChange={(event) => onChange({ max: event.currentTarget.value || null })} />
        </div>
      )}
      {hasOptions(type) && !definition.option_list && <OptionsEditor options={definition.options ?? []} onChange={(options) => onChange({ options })} list={published ? { object, name: published } : null} error={/^(options|replacements)/.test(failure?.field ?? '') ? failure!.message : undefined} />}
      {type === 'calculated' && <CalculatedFields object={object} definition={definition} errorOf={errorOf} onChange={onChange} />}
      {type === 'roll_up' && <RollUpFields object={object} definition={definition} errorOf={errorOf} onChange={onChange} />}
      {type === 'auto' && <AutoNumberFields definition={definition} isNew={isNew} reached={numbers?.[sequence ?? ''] ?? 1} errorOf={errorOf} onChange={onChange} />}
      {hasOptions(type) && !definition.option_list && <OptionTranslations options={definition.options ?? []} onChange={(options) => onChange({ options })} />}
      {type === 'lookup' && (
        <div className={classes.pair}>
          <NativeSelect label={t('field.target')} disabled={!isNew} value={definition.targets?.[0] ?? ''} error={errorOf('targets')} onChange={(event) => onChange({ targets: [event.currentTarget.value] })} data={objects.map((object) => ({ value: object.name, label: object.label }))} />
          <NativeSelect
            label={t('field.onDelete')}
            value={definition.on_delete ?? 'remove_link'}
            onChange={(event) => onChange({ on_delete: event.currentTarget.value as AttributeDefinition['on_delete'] })}
            data={(['remove_link', 'restrict', 'cascade'] as const).map((value) => ({ value, label: t(`field.onDelete.${value}`) }))}
          />
        </div>
      )}
      {mayHaveDefault(type) && <DefaultValue definition={definition} type={type} onChange={onChange} error={errorOf('default')} />}
      <Textarea label={t('field.help')} description={t('field.helpHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} autosize minRows={1} maxRows={4} maxLength={1000} value={definition.help ?? ''} onChange={(event) => onChange({ help: event.currentTarget.value })} />
      {!isComputed(type) && <fieldset className={classes.fieldset}>
        <legend>{t('field.rules')}</legend>
        <Checkbox size="xs" label={t('model.required')} description={t('field.requiredHelp')} checked={definition.required ?? false} onChange={(event) => onChange({ required: event.currentTarget.checked, recommended: false })} />
        {!definition.required && <Checkbox size="xs" label={t('model.recommended')} description={t('field.recommendedHelp')} checked={definition.recommended ?? false} onChange={(event) => onChange({ recommended: event.currentTarget.checked })} />}
        {mayBeUnique(type) && <Checkbox size="xs" label={t('model.unique')} description={t('field.uniqueHelp')} checked={definition.unique ?? false} onChange={(event) => onChange({ unique: event.currentTarget.checked })} />}
        {mayBeSearched(type) && <Checkbox size="xs" label={t('model.searchable')} description={t('field.searchableHelp')} checked={definition.searchable ?? false} onChange={(event) => onChange({ searchable: event.currentTarget.checked })} />}
      </fieldset>}
      <Translations labels={definition.labels ?? {}} onChange={(labels) => onChange({ labels })} />
    </div>
  );
}

/** The default is entered with the field's own input, so it has the right shape. */
function DefaultValue({ definition, type, onChange, error }: Pick<FieldFormProps, 'definition' | 'type' | 'onChange'> & { error?: string }) {
  const t = useT();
  const attribute: FieldAttribute = {
    name: 'default',
    label: t('field.default'),
    type: valueType(definition),
    precision: definition.precision,
    format: definition.format,
    // New options have no number yet; they can be the default after they were saved once.
    options: (definition.options ?? []).flatMap((option) => (option.value && option.label && !option.removed ? [{ value: option.value, label: option.label, color: option.color, active: true }] : [])),
  };
  if (hasOptions(type) && !attribute.options?.length) return null;
  return <FieldInput attribute={attribute} value={definition.default ?? null} error={error} onChange={(value) => onChange({ default: writeValue(attribute, value) })} />;
}

function Translations({ labels, onChange }: { labels: Record<string, string>; onChange: (labels: Record<string, string>) => void }) {
  const t = useT();
  const { workspace } = useSession();
  return (
    <details className={classes.details}>
      <summary>{t('field.translations')}</summary>
      <div className={classes.pair} style={{ flexWrap: 'wrap', marginTop: 8 }}>
        {Object.entries(LANGUAGES)
          .filter(([language]) => language !== workspace.language)
          .map(([language, name]) => (
            <TextInput key={language} style={{ flexBasis: '45%' }} label={name} lang={language} maxLength={60} value={labels[language] ?? ''} onChange={(event) => onChange({ ...labels, [language]: event.currentTarget.value })} />
          ))}
      </div>
    </details>
  );
}
