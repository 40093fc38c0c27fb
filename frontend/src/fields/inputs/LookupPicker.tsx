import { CloseButton, Combobox, InputBase, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { Filter, Ref } from '@/api/types';
import { useT } from '@/i18n';
import { findObject, useSession } from '@/metadata';
import { Avatar } from '@/ui/Avatar';
import { ObjectIcon } from '@/ui/icons';
import { useFieldServices } from '../context';
import classes from '../fields.module.css';
import type { FrameProps } from './frame';
import { lookupQuery } from '../lookupSearch';

export interface LookupPickerProps {
  label: string;
  frame: FrameProps;
  targets: string[];
  value: Ref | null;
  onChange: (value: Ref | null) => void;
  clearable?: boolean;
  /** Offered before searching, for example the user. */
  suggestions?: Ref[];
  /** Stay open and empty after a pick: for lists of people. */
  keepOpen?: boolean;
  /** Which of the records may be chosen. */
  narrow?: Filter;
}

const SEARCH_DELAY_MS = 120;
const PEOPLE = ['user', 'contact', 'lead'];

/** Find a record of some objects: searches remotely while typing, two facts per hit, can create what is missing. */
export function LookupPicker({ label, frame, targets, value, onChange, clearable = true, suggestions = [], keepOpen, narrow }: LookupPickerProps) {
  const t = useT();
  const session = useSession();
  const client = useQueryClient();
  const { quickCreate } = useFieldServices();
  const [text, setText] = useState<string | null>(null);
  const [search] = useDebouncedValue((text ?? '').trim(), SEARCH_DELAY_MS);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { data, isFetching, error } = useQuery({ ...lookupQuery(client, targets, search, narrow), enabled: combobox.dropdownOpened, placeholderData: keepPreviousData });

  const hits = data ?? [];
  const creatable = quickCreate ? targets.filter((object) => findObject(session, object)?.privileges.create && findObject(session, object)?.features.includes('quick_create')) : [];
  const objectsLabel = targets.map((object) => findObject(session, object)?.label_plural).filter(Boolean).join(', ') || label;

  const close = () => {
    setText(null);
    combobox.closeDropdown();
  };
  const choose = (ref: Ref) => {
    onChange(ref);
    if (keepOpen) setText('');
    else close();
  };
  const submit = async (key: string) => {
    const [kind, object, id] = key.split('\n') as [string, string, string];
    if (kind === 'create') {
      const typed = (text ?? '').trim();
      close();
      const made = await quickCreate!(object, typed);
      if (made) onChange(made);
      return;
    }
    const hit = [...suggestions, ...hits].find((entry) => entry.object === object && entry.id === id);
    if (hit) choose({ object: hit.object, id: hit.id, name: hit.name });
  };
  const sign = (ref: Ref) =>
    ref.object === 'user' || (PEOPLE.includes(ref.object) && targets.length === 1) ? (
      <Avatar name={ref.name} />
    ) : targets.length > 1 ? (
      <ObjectIcon name={findObject(session, ref.object)?.icon} color={findObject(session, ref.object)?.color} />
    ) : null;

  const { onBlur, ...look } = frame;
  return (
    <Combobox store={combobox} onOptionSubmit={(key) => void submit(key)} position="bottom-start" middlewares={{ flip: true, shift: true }}>
      <Combobox.Target>
        <InputBase
          {...look}
          autoComplete="off"
          leftSection={value && text === null ? sign(value) : undefined}
          value={text ?? value?.name ?? ''}
          placeholder={frame.variant === 'unstyled' ? undefined : t('fields.search', { objects: objectsLabel })}
          onFocus={(event) => {
            event.currentTarget.select();
          }}
          onClick={() => combobox.openDropdown()}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && combobox.dropdownOpened) {
              event.stopPropagation();
              close();
            }
          }}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          onBlur={() => {
            if (text === '' && clearable && !keepOpen) onChange(null);
            close();
            onBlur?.();
          }}
          rightSection={
            value && clearable && !frame.disabled && text === null ? (
              <CloseButton size="sm" tabIndex={-1} aria-label={t('fields.clear')} onMouseDown={(event) => event.preventDefault()} onClick={() => onChange(null)} />
            ) : undefined
          }
          rightSectionPointerEvents="all"
        />
      </Combobox.Target>
      <Combobox.Dropdown miw={280}>
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-label={label}>
          {!search &&
            suggestions.map((ref) => (
              <Combobox.Option key={`s${ref.id}`} value={`pick\n${ref.object}\n${ref.id}`}>
                <span className={classes.option}>
                  <Avatar name={ref.name} />
                  <span className={classes.line}>{ref.name}</span>
                  <span className="k-meta">{t('fields.me')}</span>
                </span>
              </Combobox.Option>
            ))}
          {hits.map((hit) => (
            <Combobox.Option key={`${hit.object}${hit.id}`} value={`pick\n${hit.object}\n${hit.id}`} active={value?.id === hit.id}>
              <span className={classes.option}>
                {sign(hit)}
                <span className={classes.optionText}>
                  <span className={classes.line}>{hit.name}</span>
                  {hit.facts.length > 0 && <span className={classes.facts} style={{ display: 'block' }}>{hit.facts.join(' · ')}</span>}
                </span>
              </span>
            </Combobox.Option>
          ))}
          {creatable.map((object) => (
            <Combobox.Option key={`c${object}`} value={`create\n${object}\n`}>
              <span className={classes.option}>
                <IconPlus size={16} stroke={1.75} aria-hidden />
                <span className={classes.line}>
                  {(text ?? '').trim()
                    ? targets.length > 1
                      ? t('fields.createAs', { text: (text ?? '').trim(), object: findObject(session, object)!.label })
                      : t('fields.create', { text: (text ?? '').trim() })
                    : t('fields.createNew', { object: findObject(session, object)!.label })}
                </span>
              </span>
            </Combobox.Option>
          ))}
          {error ? <div className={classes.hint} role="alert">{t('ui.error.title')}</div> : !hits.length && !isFetching && <div className={classes.hint}>{search ? t('fields.noHits', { text: search }) : t('fields.typeToSearch')}</div>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
