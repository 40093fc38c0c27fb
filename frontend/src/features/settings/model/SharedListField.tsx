import { NativeSelect, TextInput } from '@mantine/core';

import type { OptionDefinition, SharedList } from '@/api/customization';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import classes from './model.module.css';

/** What a field's options are taken from: only its own, a list that is made with it, or one that is there. */
export const OWN_OPTIONS = '';
export const NEW_LIST = ':new';
const SHOWN = 12;

/** The options of a list at a glance. */
export function OptionChips({ options }: { options: OptionDefinition[] }) {
  const t = useT();
  const offered = options.filter((option) => !option.removed);
  return (
    <span className={classes.chips}>
      {offered.slice(0, SHOWN).map((option) => <Chip key={option.value ?? option.label} label={option.label} color={option.active === false ? 'gray' : option.color} />)}
      {offered.length > SHOWN && <span className="k-meta">{t('sharedLists.moreOptions', { count: offered.length - SHOWN })}</span>}
    </span>
  );
}

interface SharedListFieldProps {
  /** A list's name, `OWN_OPTIONS` or `NEW_LIST`. */
  source: string;
  lists: SharedList[];
  /** Records may hold the options: the list stays. */
  fixed: boolean;
  listLabel: string;
  error?: string;
  labelError?: string;
  onSource: (source: string) => void;
  onListLabel: (label: string) => void;
}

/** Choose where the options of a field come from; a new list gets its name here. */
export function SharedListField({ source, lists, fixed, listLabel, error, labelError, onSource, onListLabel }: SharedListFieldProps) {
  const t = useT();
  const offered = lists.filter((list) => list.draft !== 'deleted' || list.name === source);
  const chosen = lists.find((list) => list.name === source);
  const labelOf = (list: SharedList) => (list.custom || !list.used_by.length ? list.label : `${list.label} (${[...new Set(list.used_by.map((use) => use.object_label))].join(', ')})`);
  return (
    <>
      <NativeSelect
        label={t('sharedLists.source')}
        description={fixed ? t(source === OWN_OPTIONS || source === NEW_LIST ? 'sharedLists.mayShare' : 'sharedLists.fixed') : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={source}
        disabled={fixed && source !== OWN_OPTIONS && source !== NEW_LIST}
        error={error}
        onChange={(event) => onSource(event.currentTarget.value)}
        data={[
          { value: OWN_OPTIONS, label: t('sharedLists.source.own') },
          { value: NEW_LIST, label: t('sharedLists.source.new') },
          ...(fixed && (source === OWN_OPTIONS || source === NEW_LIST) ? [] : [{ group: t('sharedLists.source.shared'), items: offered.map((list) => ({ value: list.name, label: labelOf(list) })) }]),
        ]}
      />
      {source === NEW_LIST && <TextInput label={t('sharedLists.name')} description={t('sharedLists.nameHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} maxLength={60} required withAsterisk value={listLabel} error={labelError} onChange={(event) => onListLabel(event.currentTarget.value)} />}
      {chosen && (
        <div>
          <OptionChips options={chosen.options} />
          <a className={classes.listLink} href="/settings/option-lists" target="_blank" rel="noreferrer">{t('sharedLists.editHere')}</a>
        </div>
      )}
    </>
  );
}
