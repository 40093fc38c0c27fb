import { Button, Group as Row, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { OptionDefinition, SharedList } from '@/api/customization';
import { ApiError, errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { toast } from '@/ui/toast';
import { FIRST_OPTIONS } from './fieldDefinition';
import { LabelTranslations, filledIn } from './LabelTranslations';
import classes from './model.module.css';
import { optionsToSend } from './options';
import { OptionsEditor } from './OptionsEditor';
import { OptionTranslations } from './OptionTranslations';
import { useAskingClose } from './useAskingClose';
import { useAddChange } from './useDraft';

/** A new shared list, or the name and options of one that is there; both go into the draft. */
export function OptionListDialog({ list, onClose }: { list: SharedList | null; onClose: () => void }) {
  const t = useT();
  const add = useAddChange();
  const [label, setLabel] = useState(list?.plain_label ?? list?.label ?? '');
  const [labels, setLabels] = useState<Record<string, string>>(list?.labels ?? {});
  const [options, setOptions] = useState<OptionDefinition[]>(list?.options ?? FIRST_OPTIONS);
  const [failure, setFailure] = useState<{ field: string | null; message: string } | null>(null);
  const asking = useAskingClose([label, labels, options], onClose);
  const own = !list || list.custom;
  const atOptions = /^(options|replacements)/.test(failure?.field ?? '');
  const submit = () =>
    add.mutate(
      { kind: 'option_list', operation: list ? 'update' : 'create', object: null, name: list?.name ?? null, definition: { ...(own ? { label: label.trim(), labels: filledIn(labels) } : {}), ...optionsToSend(options) } },
      {
        onSuccess: () => {
          toast({ message: t('sharedLists.saved', { name: label.trim() }), kind: 'success' });
          onClose();
        },
        onError: (error) => setFailure({ field: error instanceof ApiError ? error.field : null, message: errorMessage(error) }),
      },
    );
  return (
    <Modal opened {...asking} title={list ? (own ? t('sharedLists.edit') : list.label) : t('sharedLists.new')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {own && <TextInput data-autofocus label={t('sharedLists.name')} description={t('sharedLists.nameHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} maxLength={60} required withAsterisk value={label} error={failure?.field === 'label' ? failure.message : undefined} onChange={(event) => setLabel(event.currentTarget.value)} />}
        <OptionsEditor options={options} onChange={setOptions} list={list && list.draft !== 'new' ? { object: null, name: list.name } : null} error={atOptions ? failure!.message : undefined} />
        <OptionTranslations options={options} onChange={setOptions} />
        {own && <LabelTranslations labels={labels} onChange={setLabels} />}
        {failure && failure.field !== 'label' && !atOptions && <p className={classes.failure} role="alert">{failure.message}</p>}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={asking.onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={add.isPending} disabled={own && !label.trim()}>{t('field.addToDraft')}</Button>
        </Row>
      </form>
    </Modal>
  );
}
