import { NativeSelect, TextInput } from '@mantine/core';

import type { AttributeDefinition } from '@/api/customization';
import { useT, type Key } from '@/i18n';
import classes from './model.module.css';

const DATE_PARTS = ['', 'year', 'year_month', 'year_month_day'] as const;
const SUFFIXES = ['0', '4', '6'] as const;
/** Below the input, as everywhere in this dialog. */
const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

/** What the next record would get; the random end is only shown as such. */
export function numberPreview(definition: AttributeDefinition, next: number, day: Date): string {
  const [year, month, date] = [String(day.getFullYear()), String(day.getMonth() + 1).padStart(2, '0'), String(day.getDate()).padStart(2, '0')];
  const dates: Record<string, string> = { year, year_month: year + month, year_month_day: year + month + date };
  const parts = [definition.date_part ? dates[definition.date_part] : '', String(next).padStart(definition.digits ?? 5, '0'), 'X7KQ9M'.slice(0, definition.suffix ?? 0)];
  return (definition.prefix ?? '') + parts.filter(Boolean).join('-');
}

const toWhole = (text: string) => (/^\d{1,16}$/.test(text.trim()) ? Number(text) : null);

interface Props {
  definition: AttributeDefinition;
  isNew: boolean;
  /** What the sequence gives next. */
  reached: number;
  errorOf: (field: string) => string | undefined;
  onChange: (change: AttributeDefinition) => void;
}

/** The format of an automatic number and where its sequence stands (PLT-16). */
export function AutoNumberFields({ definition, isNew, reached, errorOf, onChange }: Props) {
  const t = useT();
  const next = Math.max(definition.next_number ?? 1, reached);
  return (
    <>
      <div className={classes.pair}>
        <TextInput label={t('auto.prefix')} description={t('auto.prefixHelp')} inputWrapperOrder={ORDER} maxLength={20} value={definition.prefix ?? ''} error={errorOf('prefix')} onChange={(event) => onChange({ prefix: event.currentTarget.value })} />
        <NativeSelect label={t('auto.datePart')} value={definition.date_part ?? ''} onChange={(event) => onChange({ date_part: event.currentTarget.value || null })} data={DATE_PARTS.map((value) => ({ value, label: t(`auto.datePart.${value || 'none'}` as Key) }))} />
      </div>
      <div className={classes.pair}>
        <TextInput label={t('auto.digits')} inputMode="numeric" value={definition.digits ?? ''} error={errorOf('digits')} onChange={(event) => onChange({ digits: toWhole(event.currentTarget.value) })} />
        <NativeSelect label={t('auto.suffix')} value={String(definition.suffix ?? 0)} onChange={(event) => onChange({ suffix: Number(event.currentTarget.value) })} data={SUFFIXES.map((value) => ({ value, label: t(`auto.suffix.${value}`) }))} />
      </div>
      <TextInput label={t('auto.next')} description={t('auto.nextHelp')} inputWrapperOrder={ORDER} inputMode="numeric" value={definition.next_number ?? (isNew ? 1 : reached)} error={errorOf('next_number')} onChange={(event) => onChange({ next_number: toWhole(event.currentTarget.value) ?? 1 })} />
      <p className={classes.example} aria-live="polite">
        {t('auto.preview')} <b className="k-code">{numberPreview(definition, next, new Date())}</b>
      </p>
      {isNew && <p className="k-meta" style={{ margin: 0 }}>{t('auto.existing')}</p>}
    </>
  );
}
