import { FieldDisplay, FieldInput, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import type { RecordData } from '@/api';
import { underRules, type Attribute } from '@/metadata';
import { useId, useState, type CSSProperties } from 'react';
import classes from './form.module.css';
import { isWide, placedTabs, type PlacedSection, type PlacedTab } from './layout';
import type { FormState } from './useForm';
import { isEditable, type Editability } from './values';

interface FieldProps {
  form: FormState;
  attribute: Attribute;
  editability: Editability;
  record?: RecordData;
  autoFocus?: boolean;
}

/** One attribute as an input with its label, help, mark and error; as plain text where it may not be changed. */
export function FormField({ form, attribute: plain, editability, record, autoFocus }: FieldProps) {
  const t = useT();
  const attribute = underRules(plain, form.effects);
  const id = useId();
  const value = form.values[attribute.name];
  const error = form.errors.fields[attribute.name];
  if (!isEditable(attribute, editability) || form.effects.locked.includes(attribute.name)) {
    return (
      <div className={classes.field} data-wide={isWide(attribute) || undefined} data-attribute={attribute.name}>
        <span className={classes.label} id={id}>
          {attribute.label}
        </span>
        <div className={classes.fixed} aria-labelledby={id}>
          {isEmpty(value) ? <span className={classes.empty}>–</span> : <FieldDisplay attribute={{ ...attribute, states: form.entity.states }} value={value} record={record} entity={form.entity} />}
        </div>
      </div>
    );
  }
  return (
    <div className={classes.field} data-wide={isWide(attribute) || undefined} data-attribute={attribute.name} data-recommended={(attribute.recommended && isEmpty(value)) || undefined}>
      <FieldInput
        id={id}
        attribute={{ ...attribute, states: form.entity.states }}
        value={value}
        onChange={(next) => form.set(attribute.name, next)}
        error={error}
        variant="form"
        autoFocus={autoFocus}
        record={{ ...record, ...form.values } as RecordData}
        entity={form.entity}
      />
      {attribute.recommended && isEmpty(value) && !error && <span className={classes.recommended}>{t('record.form.recommended')}</span>}
    </div>
  );
}

function Section({ section, ...field }: { section: PlacedSection } & Omit<FieldProps, 'attribute'>) {
  const shown = section.attributes.filter((attribute) => !field.form.effects.hidden.includes(attribute.name));
  if (!shown.length) return null;
  return (
    <section className={classes.section}>
      {section.label && <h3 className={classes.heading}>{section.label}</h3>}
      <div className={classes.grid} style={{ '--columns': section.columns } as CSSProperties}>
        {shown.map((attribute, index) => (
          <FormField key={attribute.name} attribute={attribute} {...field} autoFocus={field.autoFocus && index === 0} />
        ))}
      </div>
    </section>
  );
}

/** How many fields of a tab the server or the form refused; shown at the tab so that no error hides. */
const errorsIn = (tab: PlacedTab, form: FormState) =>
  tab.sections.reduce((sum, section) => sum + section.attributes.filter((attribute) => form.errors.fields[attribute.name]).length, 0);

export interface FormRendererProps {
  form: FormState;
  editability: Editability;
  /** The record as it was read: currency of money, masked values. */
  record?: RecordData;
  autoFocus?: boolean;
}

/** A whole form from the object's description: tabs, sections of one to four columns, every attribute type. */
export function FormRenderer({ form, editability, record, autoFocus }: FormRendererProps) {
  const t = useT();
  const tabs = placedTabs(form.entity);
  const [wanted, setWanted] = useState(0);
  // A refusal opens the tab it belongs to; afterwards the person may go where they like.
  const [seenErrors, setSeenErrors] = useState(form.errors);
  if (seenErrors !== form.errors) {
    setSeenErrors(form.errors);
    const first = tabs.findIndex((entry) => errorsIn(entry, form));
    if (first >= 0 && !errorsIn(tabs[wanted] ?? tabs[0]!, form)) setWanted(first);
  }
  const tab = tabs[wanted] ?? tabs[0];
  if (!tab) return null;
  return (
    <div className={classes.form}>
      {form.errors.general.length > 0 && <FormAlert messages={form.errors.general} requestId={form.errors.requestId} />}
      {tabs.length > 1 && (
        <div role="tablist" className={classes.tabs} aria-label={t('record.form.tabs')}>
          {tabs.map((entry, index) => (
            <button key={entry.label} type="button" role="tab" aria-selected={entry === tab} className={classes.tab} onClick={() => setWanted(index)}>
              {entry.label}
              {errorsIn(entry, form) > 0 && <span className={classes.count}>{errorsIn(entry, form)}</span>}
            </button>
          ))}
        </div>
      )}
      {tab.sections.map((section, index) => (
        <Section key={section.label || index} section={section} form={form} editability={editability} record={record} autoFocus={autoFocus && index === 0} />
      ))}
    </div>
  );
}

/** What was refused without belonging to a field. */
export function FormAlert({ messages, requestId }: { messages: string[]; requestId?: string | null }) {
  const t = useT();
  return (
    <div role="alert" className={classes.alert}>
      {messages.map((message) => (
        <div key={message}>{message}</div>
      ))}
      {requestId && <div className={classes.reference}>{t('ui.reference', { id: requestId })}</div>}
    </div>
  );
}
