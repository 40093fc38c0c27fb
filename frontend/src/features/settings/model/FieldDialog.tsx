import { Button, Checkbox, Group as Row, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { AttributeDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { FieldInput, writeValue, type FieldAttribute } from '@/fields';
import { useT, type Key } from '@/i18n';
import { useObjects } from '@/metadata';
import { toast } from '@/ui/toast';
import type { FieldRow } from './fieldRows';
import { AutoNumberFields } from './AutoNumberFields';
import { CalculatedFields } from './CalculatedFields';
import { definitionToSend, FIRST_OPTIONS, startOf } from './fieldDefinition';
import { LabelTranslations } from './LabelTranslations';
import classes from './model.module.css';
import { OptionTranslations } from './OptionTranslations';
import { withoutEmpty } from './options';
import { OptionsEditor } from './OptionsEditor';
import { RollUpFields } from './RollUpFields';
import { NEW_LIST, OWN_OPTIONS, SharedListField } from './SharedListField';
import { TypeGallery } from './TypeGallery';
import { TypeIcon } from './TypeIcon';
import { hasOptions, hasRange, isComputed, mayBeSearched, mayBeUnique, mayHaveDefault, valueType, type FieldKind } from './types';
import { useAskingClose } from './useAskingClose';
import { useAddChange, useCustomization, useSharedLists } from './useDraft';

/** Add a field of any type, or change one of one's own; both go into the draft. */
export function FieldDialog({ object, row, onClose }: { object: string; row: FieldRow | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const addList = useAddChange();
  const [definition, setDefinition] = useState<AttributeDefinition | null>(row ? row.definition : null);
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const published = !!row && row.draft !== 'new';
  const [listLabel, setListLabel] = useState('');
  const type = definition?.type as FieldKind | undefined;
  const [unfinished, setUnfinished] = useState(0);
  const asking = useAskingClose([definition, listLabel], onClose);
  const failed = (error: unknown, at?: string) => setFailure({ field: at ?? (error instanceof ApiError ? error.field : null), message: errorMessage(error) });

  /** A new list enters the draft first; it is chosen from then on, whatever becomes of the field. */
  const withList = async (given: AttributeDefinition): Promise<AttributeDefinition> => {
    if (given.option_list !== NEW_LIST) return given;
    const made = await addList.mutateAsync({ kind: 'option_list', operation: 'create', object: null, name: null, definition: { label: listLabel.trim(), ...(published ? { of: { object, name: row!.name } } : { options: withoutEmpty(given.options ?? []) }) } });
    const taken = { ...given, option_list: made.name ?? undefined, ...(published ? {} : { default: undefined }) };
    setDefinition(taken);
    return taken;
  };
  const submit = async () => {
    if (!definition) return;
    if (type === 'roll_up' && unfinished) return setFailure({ field: 'filter', message: t('model.unfinished') });
    let sent: AttributeDefinition;
    try {
      sent = definitionToSend(await withList(definition));
    } catch (error) {
      return failed(error, error instanceof ApiError && error.field === 'label' ? 'listLabel' : undefined);
    }
    add.mutate(
      { kind: 'attribute', operation: row ? 'update' : 'create', object, name: row?.name ?? null, definition: sent },
      {
        onSuccess: () => {
          toast({ message: t(row ? 'field.changed' : 'field.added', { name: sent.label ?? '' }), kind: 'success' });
          onClose();
        },
        onError: (error) => failed(error),
      },
    );
  };

  return (
    <Modal opened {...asking} title={row ? t('model.editField') : type ? t('model.addField') : t('model.chooseType')} size={type && type !== 'calculated' && type !== 'roll_up' ? 560 : 640} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {!definition || !type ? (
        <TypeGallery onPick={(picked) => setDefinition(startOf(picked))} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <div className={classes.typeLine}>
            <TypeIcon type={type} />
            <b>{t(`model.type.${type}` as Key)}</b>
            <span className="k-meta">{row ? t('field.fixed') : t(`model.typeHelp.${type}` as Key)}</span>
            {!row && (
              <Button size="compact-xs" variant="subtle" ml="auto" style={{ flex: 'none' }} onClick={() => setDefinition(null)}>
                {t('ui.back')}
              </Button>
            )}
          </div>
          <FieldForm definition={definition} type={type} object={object} isNew={!row} published={row && row.draft !== 'new' ? row.name : null} sequence={row ? `${object}.${row.name}` : null} failure={failure} listLabel={listLabel} onListLabel={setListLabel} onUnfinished={setUnfinished} onChange={(change) => {
            setDefinition({ ...definition, ...change });
            setFailure(null);
          }} />
          {failure && !SHOWN_BESIDE.test(failure.field ?? '') && <p className={classes.failure} role="alert">{failure.message}</p>}
          <Row justify="flex-end" gap={8} mt="lg">
            <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
            <Button type="submit" loading={add.isPending || addList.isPending} disabled={!definition.label?.trim() || (definition.option_list === NEW_LIST && !listLabel.trim())}>{t('field.addToDraft')}</Button>
          </Row>
        </form>
      )}
    </Modal>
  );
}

/** Errors with these fields stand at their input. */
const SHOWN_BESIDE = /^(label|listLabel|option_list|options|replacements|min|max|max_length|precision|targets|default|expression|function|relationship|measure|filter|prefix|digits|next_number)/;

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
  /** What a new shared list is called. */
  listLabel: string;
  onListLabel: (label: string) => void;
  /** How many conditions of a roll-up are not complete. */
  onUnfinished: (count: number) => void;
  onChange: (change: AttributeDefinition) => void;
}

const toNumber = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));

function FieldForm({ definition, type, object, isNew, published, sequence, failure, listLabel, onListLabel, onUnfinished, onChange }: FieldFormProps) {
  const t = useT();
  const objects = useObjects();
  const numbers = useCustomization().data?.next_numbers;
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  const lists = useSharedLists().data ?? [];
  const shared = lists.find((list) => list.name === definition.option_list);
  const ownOptions = hasOptions(type) && (!definition.option_list || (definition.option_list === NEW_LIST && !published));
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
      {hasOptions(type) && (
        <SharedListField source={definition.option_list ?? OWN_OPTIONS} lists={lists} fixed={!!published} listLabel={listLabel} labelError={errorOf('listLabel')} error={errorOf('option_list')} onListLabel={onListLabel} onSource={(source) => onChange({ option_list: source || undefined, ...(published ? {} : { default: undefined }), ...(definition.options?.length ? {} : { options: FIRST_OPTIONS }) })} />
      )}
      {ownOptions && <OptionsEditor options={definition.options ?? []} onChange={(options) => onChange({ options })} list={published ? { object, name: published } : null} error={/^(options|replacements)/.test(failure?.field ?? '') ? failure!.message : undefined} />}
      {type === 'calculated' && <CalculatedFields object={object} definition={definition} errorOf={errorOf} onChange={onChange} />}
      {type === 'roll_up' && <RollUpFields object={object} definition={definition} errorOf={errorOf} onChange={onChange} onUnfinished={onUnfinished} />}
      {type === 'auto' && <AutoNumberFields definition={definition} isNew={isNew} reached={numbers?.[sequence ?? ''] ?? 1} errorOf={errorOf} onChange={onChange} />}
      {ownOptions && <OptionTranslations options={definition.options ?? []} onChange={(options) => onChange({ options })} />}
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
      {mayHaveDefault(type) && <DefaultValue definition={shared ? { ...definition, options: shared.options } : definition} type={type} onChange={onChange} error={errorOf('default')} />}
      <Textarea label={t('field.help')} description={t('field.helpHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} autosize minRows={1} maxRows={4} maxLength={1000} value={definition.help ?? ''} onChange={(event) => onChange({ help: event.currentTarget.value })} />
      {!isComputed(type) && <fieldset className={classes.fieldset}>
        <legend>{t('field.rules')}</legend>
        <Checkbox size="xs" label={t('model.required')} description={t('field.requiredHelp')} checked={definition.required ?? false} onChange={(event) => onChange({ required: event.currentTarget.checked, recommended: false })} />
        {!definition.required && <Checkbox size="xs" label={t('model.recommended')} description={t('field.recommendedHelp')} checked={definition.recommended ?? false} onChange={(event) => onChange({ recommended: event.currentTarget.checked })} />}
        {mayBeUnique(type) && <Checkbox size="xs" label={t('model.unique')} description={t('field.uniqueHelp')} checked={definition.unique ?? false} onChange={(event) => onChange({ unique: event.currentTarget.checked })} />}
        {mayBeSearched(type) && <Checkbox size="xs" label={t('model.searchable')} description={t('field.searchableHelp')} checked={definition.searchable ?? false} onChange={(event) => onChange({ searchable: event.currentTarget.checked })} />}
      </fieldset>}
      <LabelTranslations labels={definition.labels ?? {}} onChange={(labels) => onChange({ labels })} />
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
