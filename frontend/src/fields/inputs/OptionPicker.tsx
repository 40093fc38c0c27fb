import { Combobox, Input, InputBase, Pill, PillsInput, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import type { PickOption } from '../types';
import type { FrameProps } from './frame';
import classes from '../fields.module.css';

export interface OptionPickerProps {
  label: string;
  options: PickOption[];
  selected: (number | string)[];
  onChange: (selected: (number | string)[]) => void;
  multiple?: boolean;
  clearable?: boolean;
  autoFocus?: boolean;
  /** From `frameProps`, when it stands in a form. */
  frame?: FrameProps;
}

/** From how many options on the list can be searched. */
const SEARCH_FROM = 8;

/** Choose one or several coloured options by mouse or keyboard. */
export function OptionPicker({ label, options, selected, onChange, multiple, clearable = true, autoFocus, frame }: OptionPickerProps) {
  const t = useT();
  const [text, setText] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setText('');
      frame?.onBlur?.();
    },
    onDropdownOpen: () => combobox.selectActiveOption(),
  });
  const searchable = options.length >= SEARCH_FROM;
  const shown = options.filter((option) => option.label.toLowerCase().includes(text.trim().toLowerCase()));
  const chosen = selected.map((value) => options.find((option) => option.value === value) ?? { value, label: String(value), color: null });

  const pick = (raw: string) => {
    const option = options.find((entry) => String(entry.value) === raw);
    if (!option) return;
    const has = selected.includes(option.value);
    if (multiple) onChange(has ? selected.filter((value) => value !== option.value) : [...selected, option.value]);
    else {
      onChange(has && clearable ? [] : [option.value]);
      combobox.closeDropdown();
    }
  };

  const { onBlur: _onBlur, autoFocus: frameFocus, ...look } = frame ?? { size: 'sm', 'aria-label': label };
  const target = multiple ? (
    <PillsInput {...look} onClick={() => combobox.openDropdown()} pointer>
      <Pill.Group gap={4}>
        {chosen.map((option) => (
          <Chip key={option.value} label={option.label} color={option.color} />
        ))}
        <Combobox.EventsTarget>
          <PillsInput.Field
            type={searchable ? 'visible' : 'auto'}
            pointer
            readOnly={!searchable}
            aria-label={label}
            autoFocus={autoFocus ?? frameFocus}
            value={text}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
            }}
            onKeyDown={(event) => {
              if (event.key === 'Backspace' && !text && selected.length) onChange(selected.slice(0, -1));
            }}
          />
        </Combobox.EventsTarget>
      </Pill.Group>
    </PillsInput>
  ) : (
    <Combobox.Target>
      <InputBase
        component="button"
        type="button"
        pointer
        {...look}
        autoFocus={autoFocus ?? frameFocus}
        rightSection={<Combobox.Chevron />}
        rightSectionPointerEvents="none"
        onClick={() => combobox.toggleDropdown()}
      >
        {chosen[0] ? <Chip label={chosen[0].label} color={chosen[0].color} /> : <Input.Placeholder>{frame ? '' : t('fields.any')}</Input.Placeholder>}
      </InputBase>
    </Combobox.Target>
  );

  return (
    <Combobox store={combobox} onOptionSubmit={pick} position="bottom-start" width="target" middlewares={{ flip: true, shift: true }}>
      {multiple ? <Combobox.DropdownTarget>{target}</Combobox.DropdownTarget> : target}
      <Combobox.Dropdown miw={180}>
        {!multiple && searchable && (
          <Combobox.Search
            value={text}
            placeholder={t('ui.search')}
            aria-label={t('ui.search')}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
            }}
          />
        )}
        <Combobox.Options mah={264} style={{ overflowY: 'auto' }}>
          {shown.map((option) => (
            <Combobox.Option key={option.value} value={String(option.value)} active={selected.includes(option.value)}>
              <span className={classes.option}>
                <Chip label={option.label} color={option.color} />
                <span style={{ flex: 1 }} />
                {selected.includes(option.value) && <IconCheck size={16} stroke={1.75} aria-hidden />}
              </span>
            </Combobox.Option>
          ))}
          {!shown.length && <Combobox.Empty>{t('fields.noHits', { text })}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
