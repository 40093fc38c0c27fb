import { Button, Group as Row, Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { ChangeBody, OptionDefinition, OverrideDefinition } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { LANGUAGES, useT } from '@/i18n';
import { useMaybeEntity, useSession } from '@/metadata';
import { toast } from '@/ui/toast';
import type { FieldRow } from './fieldRows';
import classes from './model.module.css';
import { editableOptions, optionsToSend } from './options';
import { OptionsEditor } from './OptionsEditor';
import { OptionTranslations } from './OptionTranslations';
import { reasonsOf, STATUS_REASON, StatusReasonsEditor } from './StatusReasonsEditor';
import { TypeIcon } from './TypeIcon';
import { useAskingClose } from './useAskingClose';
import { useAddChange, useCustomization } from './useDraft';

const LEVELS = ['none', 'recommended', 'required'] as const;
type Level = (typeof LEVELS)[number];
const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
/** Nobody enters these, so nobody can be asked to. */
const mayBeWanted = (row: FieldRow) => !row.readOnly && !row.system && !['bool', 'state', 'status_reason'].includes(row.type);

/** People and places: the product itself says what state they are in and why. */
const NO_OWN_REASONS = new Set(['user', 'team', 'business_unit', 'role']);

const filled = (texts: Record<string, string>) => Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));

/** Name, help and required level of a field of the product (PLT-4); type and rules of it are fixed. */
export function StandardFieldDialog({ object, row, onClose }: { object: string; row: FieldRow; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const { workspace } = useSession();
  const override = row.override;
  const [label, setLabel] = useState(row.label);
  const [labels, setLabels] = useState<Record<string, string>>(override?.labels ?? {});
  const [help, setHelp] = useState(row.definition.help ?? '');
  const [helps, setHelps] = useState<Record<string, string>>(override?.helps ?? {});
  const [level, setLevel] = useState<Level>(row.required ? 'required' : row.recommended ? 'recommended' : 'none');
  const list = row.definition.option_list;
  const customization = useCustomization().data;
  const drafted = customization?.draft.changes.findLast((change) => change.kind === 'option_list' && change.name === list)?.definition as { options?: OptionDefinition[] } | undefined;
  const [before] = useState<OptionDefinition[]>(() => editableOptions(drafted?.options, customization?.body?.option_lists?.[list ?? ''] ?? row.definition.options));
  const [options, setOptions] = useState(before);
  const entity = useMaybeEntity(row.name === STATUS_REASON ? object : null);
  const [reasonsBefore] = useState(() => reasonsOf(entity, customization));
  const [reasons, setReasons] = useState(reasonsBefore);
  const states = row.type === 'status_reason' && !NO_OWN_REASONS.has(object) ? (entity?.states ?? []) : [];
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const asking = useAskingClose([label, labels, help, helps, level, options, reasons], onClose);
  const errorOf = (field: string) => (failure?.field === field ? failure.message : undefined);
  const needed = row.required && override?.required !== true;

  const touched = () => label.trim() !== row.label || help !== (row.definition.help ?? '') || level !== (row.required ? 'required' : row.recommended ? 'recommended' : 'none') || JSON.stringify([labels, helps]) !== JSON.stringify([override?.labels ?? {}, override?.helps ?? {}]);
  const send = (operation: 'update' | 'delete', definition: OverrideDefinition) =>
    add.mutate(
      { kind: 'override', operation, object, name: row.name, definition },
      {
        onSuccess: () => {
          toast({ message: t(operation === 'delete' ? 'standardField.resetDone' : 'field.changed', { name: label }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  const submit = async () => {
    const changed: ChangeBody | null =
      list && JSON.stringify(options) !== JSON.stringify(before)
        ? { kind: 'option_list', operation: 'update', object: null, name: list, definition: { ...optionsToSend(options) } }
        : JSON.stringify(reasons) !== JSON.stringify(reasonsBefore)
          ? { kind: 'reasons', operation: 'update', object, name: STATUS_REASON, definition: { ...optionsToSend(reasons) } }
          : null;
    if (changed) {
      try {
        await add.mutateAsync(changed);
      } catch (error) {
        setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) });
        return;
      }
      if (!touched()) {
        toast({ message: t('field.changed', { name: label }), kind: 'success' });
        onClose();
        return;
      }
    }
    const named = label.trim() !== row.label || override?.label != null || Object.keys(filled(labels)).length > 0;
    const helped = help !== (row.definition.help ?? '') || override?.help != null || Object.keys(filled(helps)).length > 0;
    send('update', {
      ...(named ? { label: label.trim(), labels: filled(labels) } : {}),
      ...(helped ? { help, helps: filled(helps) } : {}),
      ...(mayBeWanted(row) ? { ...(needed ? {} : { required: level === 'required' }), recommended: level === 'recommended' } : {}),
    });
  };
  const others = Object.entries(LANGUAGES).filter(([language]) => language !== workspace.language);
  return (
    <Modal opened {...asking} title={t('standardField.title')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className={classes.typeLine} style={{ marginBottom: 0 }}>
          <TypeIcon type={row.type} />
          <span className="k-code">{row.name}</span>
          <span className="k-meta">{t('standardField.fixed')}</span>
        </div>
        <TextInput data-autofocus label={t('field.label')} maxLength={60} required withAsterisk value={label} error={errorOf('label')} onChange={(event) => setLabel(event.currentTarget.value)} />
        <Textarea label={t('field.help')} description={t('field.helpHelp')} inputWrapperOrder={ORDER} autosize minRows={1} maxRows={4} maxLength={1000} value={help} error={errorOf('help')} onChange={(event) => setHelp(event.currentTarget.value)} />
        {mayBeWanted(row) && (
          <fieldset className={classes.fieldset}>
            <legend>{t('standardField.level')}</legend>
            {needed ? (
              <p className="k-meta" style={{ margin: 0 }}>{t('standardField.needed')}</p>
            ) : (
              <SegmentedControl value={level} onChange={(value) => setLevel(value as Level)} data={LEVELS.map((value) => ({ value, label: t(`standardField.level.${value}`) }))} />
            )}
            {errorOf('required') && <p className={classes.failure} role="alert">{errorOf('required')}</p>}
          </fieldset>
        )}
        {list && (
          <>
            <OptionsEditor options={options} onChange={setOptions} list={{ object: null, name: list }} error={/^(options|replacements)/.test(failure?.field ?? '') ? failure!.message : undefined} />
            <p className="k-meta" style={{ margin: 0 }}>{t('options.shared')}</p>
            <OptionTranslations options={options} onChange={setOptions} />
          </>
        )}
        {states.length > 0 && (
          <>
            <StatusReasonsEditor object={object} states={states} options={reasons} onChange={setReasons} error={/^(options|replacements)/.test(failure?.field ?? '') ? failure!.message : undefined} />
            <OptionTranslations options={reasons} onChange={setReasons} />
          </>
        )}
        <details className={classes.details} open={Object.keys(labels).length > 0}>
          <summary>{t('standardField.translations')}</summary>
          {others.map(([language, name]) => (
            <div key={language} className={classes.pair} style={{ marginTop: 8 }}>
              <TextInput label={t('standardField.labelIn', { language: name })} lang={language} maxLength={60} value={labels[language] ?? ''} onChange={(event) => setLabels({ ...labels, [language]: event.currentTarget.value })} />
              <TextInput label={t('standardField.helpIn', { language: name })} lang={language} maxLength={1000} value={helps[language] ?? ''} onChange={(event) => setHelps({ ...helps, [language]: event.currentTarget.value })} />
            </div>
          ))}
        </details>
        {failure && !/^(label|help|required|options|replacements)/.test(failure.field ?? '') && <p className={classes.failure} role="alert">{failure.message}</p>}
        <Row justify="space-between" gap={8}>
          {override ? <Button variant="subtle" onClick={() => send('delete', {})}>{t('standardField.reset')}</Button> : <span />}
          <Row gap={8}>
            <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
            <Button type="submit" loading={add.isPending} disabled={!label.trim()}>{t('field.addToDraft')}</Button>
          </Row>
        </Row>
      </form>
    </Modal>
  );
}
