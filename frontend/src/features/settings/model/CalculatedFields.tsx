import { Button, Popover, Textarea, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import type { AttributeDefinition } from '@/api/customization';
import { useT, type Key } from '@/i18n';
import type { Attribute } from '@/metadata';
import { AttributePicker } from '@/records/filter/AttributePicker';
import classes from './model.module.css';
import { useDraftEntity } from './useDraft';

/** Types of fields an expression can read; those that link to records are followed. */
const READABLE = new Set(['text', 'auto', 'state', 'int', 'dec', 'float', 'duration', 'money', 'bool', 'date', 'datetime', 'pick', 'status_reason']);
/** How each function is written, in the order they are shown. */
const FUNCTIONS: [string, string][] = [
  ['if', 'if(amount > 1000, "large", "small")'],
  ['coalesce', 'coalesce(mobile, phone)'],
  ['isempty', 'isempty(phone)'],
  ['round', 'round(price * 1.19, 2)'],
  ['min', 'min(a, b)'],
  ['max', 'max(a, b)'],
  ['abs', 'abs(a)'],
  ['floor', 'floor(a)'],
  ['ceiling', 'ceiling(a)'],
  ['days', 'days(start, end)'],
  ['adddays', 'adddays(start, 14)'],
  ['today', 'today()'],
  ['year', 'year(start)'],
  ['month', 'month(start)'],
  ['day', 'day(start)'],
  ['upper', 'upper(name)'],
  ['lower', 'lower(name)'],
  ['trim', 'trim(name)'],
  ['left', 'left(name, 3)'],
  ['right', 'right(name, 3)'],
  ['length', 'length(name)'],
  ['contains', 'contains(name, "GmbH")'],
  ['text', 'text(amount)'],
];

interface Props {
  object: string;
  definition: AttributeDefinition;
  errorOf: (field: string) => string | undefined;
  onChange: (change: AttributeDefinition) => void;
}

/** The expression of a calculated field, with its fields and functions at hand (PLT-3). */
export function CalculatedFields({ object, definition, errorOf, onChange }: Props) {
  const t = useT();
  const entity = useDraftEntity(object);
  const input = useRef<HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const text = definition.expression ?? '';

  /** Put a piece where the cursor stands. */
  const insert = (piece: string) => {
    const [from, to] = [input.current?.selectionStart ?? text.length, input.current?.selectionEnd ?? text.length];
    onChange({ expression: text.slice(0, from) + piece + text.slice(to) });
    window.setTimeout(() => {
      input.current?.focus();
      input.current?.setSelectionRange(from + piece.length, from + piece.length);
    });
  };
  return (
    <div className={classes.fieldset}>
      <Textarea
        ref={input}
        label={t('calc.expression')}
        description={t('calc.expressionHelp')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        classNames={{ input: 'k-code' }}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={2000}
        required
        withAsterisk
        spellCheck={false}
        value={text}
        error={errorOf('expression')}
        onChange={(event) => onChange({ expression: event.currentTarget.value })}
      />
      <div className={classes.inserts}>
        {entity && (
          <Popover opened={picking} onChange={setPicking} position="bottom-start" withinPortal trapFocus>
            <Popover.Target>
              <Button size="compact-xs" variant="default" rightSection={<IconChevronDown size={14} />} onClick={() => setPicking(!picking)}>{t('calc.insertField')}</Button>
            </Popover.Target>
            <Popover.Dropdown p={8}>
              <AttributePicker
                entity={entity}
                allow={(attribute: Attribute) => READABLE.has(attribute.type)}
                steps={2}
                onPick={(path) => {
                  setPicking(false);
                  insert(path);
                }}
              />
            </Popover.Dropdown>
          </Popover>
        )}
        <TextInput size="xs" w={92} label={t('field.precision')} inputMode="numeric" value={definition.precision ?? ''} error={errorOf('precision')} onChange={(event) => onChange({ precision: /^\d{1,2}$/.test(event.currentTarget.value) ? Number(event.currentTarget.value) : null })} />
      </div>
      <details className={classes.details}>
        <summary>{t('calc.functions')}</summary>
        <p className="k-meta" style={{ margin: '6px 0' }}>{t('calc.operators')}</p>
        <ul className={classes.functions}>
          {FUNCTIONS.map(([name, example]) => (
            <li key={name}>
              <button type="button" className="k-code" onClick={() => insert(example)}>{example}</button>
              <span className="k-meta">{t(`calc.fn.${name}` as Key)}</span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
