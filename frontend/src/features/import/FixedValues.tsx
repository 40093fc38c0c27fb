import type { ImportDocument, ImportMapping, ImportTarget } from '@/api/imports';
import { FieldInput, isEmpty, writeValue } from '@/fields';
import { useT, type Key } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { ActionIcon, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './import.module.css';
import { RECORD_ID, repairedMatch, STAGE_OR_STATE } from './mapping';
import type { ImportEditor } from './useImport';

const MISSING_CUSTOMER: [NonNullable<ImportMapping['missing_customer']>, Key][] = [
  ['error', 'import.customer.error'], ['placeholder', 'import.customer.placeholder'], ['lead', 'import.customer.lead'],
];

export interface FixedValuesProps {
  document: ImportDocument;
  entity: Entity;
  targets: ImportTarget[];
  editor: ImportEditor;
}

/** Values that are the same for every row, or put together from columns: what the file does not say but a record needs. */
export function FixedValues({ document, entity, targets, editor }: FixedValuesProps) {
  const t = useT();
  const { mapping, match } = editor;
  const mapped = new Set(Object.values(mapping.columns).map((column) => column.attribute));
  const change = (constants: Record<string, unknown>) => {
    const next = { ...mapping, constants };
    editor.change({ mapping: next, match: repairedMatch(match, targets, next) });
  };
  const without = (name: string) => Object.fromEntries(Object.entries(mapping.constants).filter(([key]) => key !== name));
  const needed = targets.filter((target) => target.required && !mapped.has(target.name)).map((target) => target.name);
  const [added, setAdded] = useState<string[]>([]);
  const shown = [...new Set([...needed, ...Object.keys(mapping.constants), ...added])].map((name) => targets.find((target) => target.name === name)).filter((target): target is ImportTarget => !!target && target.type !== 'customer' && !mapped.has(target.name));
  const addable = targets.filter((target) => !mapped.has(target.name) && !shown.includes(target) && target.name !== RECORD_ID && target.type !== 'customer');
  const customer = targets.find((target) => target.type === 'customer');
  return (
    <section className={classes.block}>
      <h2>{t('import.fixed')}</h2>
      <p className={classes.lead}>{t('import.fixedHint')}</p>
      {customer && entity.name !== 'contact' && <MissingCustomer mapping={mapping} customer={customer} mapped={mapped.has(customer.name)} onChange={(next) => editor.change({ mapping: { ...mapping, ...next } })} />}
      <div className={classes.fixedList}>
        {shown.map((target) => (
          <div key={target.name} className={classes.fixedRow}>
            <FixedInput document={document} entity={entity} target={target} value={mapping.constants[target.name]} onChange={(value) => change(isEmpty(value) ? without(target.name) : { ...mapping.constants, [target.name]: value })} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={t('fields.remove', { name: target.label })}
              onClick={() => {
                setAdded(added.filter((name) => name !== target.name));
                change(without(target.name));
              }}
            >
              <IconX size={16} stroke={1.75} />
            </ActionIcon>
          </div>
        ))}
      </div>
      <Select
        size="sm"
        maw={320}
        searchable
        value={null}
        aria-label={t('import.addFixed')}
        placeholder={t('import.addFixed')}
        nothingFoundMessage={t('import.noAttribute')}
        data={addable.map((target) => ({ value: target.name, label: target.label }))}
        onChange={(name) => name && setAdded([...added, name])}
      />
    </section>
  );
}

interface FixedInputProps {
  document: ImportDocument;
  entity: Entity;
  target: ImportTarget;
  value: unknown;
  onChange: (value: unknown) => void;
}

function FixedInput({ document, entity, target, value, onChange }: FixedInputProps) {
  const t = useT();
  const attribute = attributeOf(entity, target.name);
  // A reference is stored by its id; its name is only known while the page is open.
  const [shown, setShown] = useState<unknown>(value);
  if (target.name === STAGE_OR_STATE) {
    const options = target.options ?? [];
    const at = options.findIndex((option) => JSON.stringify(option.value) === JSON.stringify(value));
    return <Select size="sm" label={target.label} data={options.map((option, index) => ({ value: String(index), label: option.label }))} value={at < 0 ? null : String(at)} onChange={(index) => onChange(index === null ? null : options[Number(index)]!.value)} />;
  }
  if (!attribute) return null;
  if (attribute.type === 'text' || attribute.type === 'memo') {
    const text = typeof value === 'string' ? value : '';
    return (
      <div>
        <TextInput size="sm" label={target.label} withAsterisk={target.required} value={text} onChange={(event) => onChange(event.currentTarget.value)} placeholder={t('import.templateHint')} />
        <div className={classes.placeholders}>
          {document.columns.map((column) => (
            <button key={column.index} type="button" className={classes.place} onClick={() => onChange(`${text}${text && !text.endsWith(' ') ? ' ' : ''}{${column.header}}`)}>
              {`{${column.header}}`}
            </button>
          ))}
        </div>
        {text.includes('{') && <div className={classes.example}>{t('import.templateExample', { text: filled(text, document) })}</div>}
      </div>
    );
  }
  return (
    <FieldInput
      attribute={{ ...attribute, states: entity.states }}
      value={shown}
      entity={entity}
      onChange={(next) => {
        setShown(next);
        onChange(writeValue(attribute, next));
      }}
    />
  );
}

/** The template with the first sample of each named column. */
function filled(template: string, document: ImportDocument): string {
  return template.replace(/\{([^{}]{1,200})\}/g, (_, header: string) => document.columns.find((column) => column.header.trim().toLowerCase() === header.trim().toLowerCase())?.samples[0] ?? '');
}

interface MissingCustomerProps {
  mapping: ImportMapping;
  customer: ImportTarget;
  mapped: boolean;
  onChange: (next: Pick<ImportMapping, 'missing_customer' | 'placeholder'>) => void;
}

/** What becomes of rows without a customer: refused, kept on a stand-in account, or kept as leads. */
function MissingCustomer({ mapping, customer, mapped, onChange }: MissingCustomerProps) {
  const t = useT();
  const choice = mapping.missing_customer ?? 'error';
  return (
    <fieldset className={classes.choices}>
      <legend>{mapped ? t('import.customer.someEmpty', { label: customer.label }) : t('import.customer.notMapped', { label: customer.label })}</legend>
      {MISSING_CUSTOMER.map(([value, label]) => (
        <label key={value} className={classes.choice}>
          <input type="radio" name="missing-customer" checked={choice === value} onChange={() => onChange({ missing_customer: value })} />
          {t(label)}
        </label>
      ))}
      {choice !== 'error' && (
        <TextInput size="sm" maw={320} label={t('import.customer.name')} value={mapping.placeholder ?? ''} maxLength={160} onChange={(event) => onChange({ placeholder: event.currentTarget.value })} />
      )}
    </fieldset>
  );
}
