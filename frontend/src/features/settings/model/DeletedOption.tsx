import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';

import type { OptionDefinition, OptionsInUse } from '@/api/customization';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import classes from './model.module.css';

interface ReplacementSelectProps {
  name: string;
  value: number | null | undefined;
  staying: { value?: number; label: string }[];
  /** A field that needs a value is not left empty. */
  required: boolean;
  onChange: (value: number | null | undefined) => void;
}

/** What takes the place of an option: another one, or nothing. */
export function ReplacementSelect({ name, value, staying, required, onChange }: ReplacementSelectProps) {
  const t = useT();
  const label = t('options.replaceWith', { name });
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={value === undefined ? '' : value === null ? 'empty' : String(value)}
      onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value === 'empty' ? null : Number(event.currentTarget.value))}
      data={[
        { value: '', label: t('options.choose') },
        ...staying.filter((option) => option.value != null && option.label.trim()).map((option) => ({ value: String(option.value), label: option.label })),
        ...(required ? [] : [{ value: 'empty', label: t('options.leaveEmpty') }]),
      ]}
    />
  );
}

interface DeletedOptionProps {
  option: OptionDefinition;
  n: number;
  staying: OptionDefinition[];
  /** Who has it; missing while it is being counted. */
  use: OptionsInUse['options'][number] | undefined;
  required: boolean;
  onChange: (change: Partial<OptionDefinition>) => void;
}

/** An option that is about to go: how many records have it, and what takes its place. */
export function DeletedOption({ option, n, staying, use, required, onChange }: DeletedOptionProps) {
  const t = useT();
  const first = [...new Set((use?.used_in ?? []).filter((entry) => entry.blocking).map((entry) => entry.label ?? entry.name))];
  return (
    <div className={classes.deleted}>
      <div className={classes.changeHead}>
        <s><Chip label={option.label} color="gray" /></s>
        <span className="k-meta">{use ? t('options.records', { count: use.records }) : t('options.counting')}</span>
        <Tooltip label={t('options.restore', { n })}>
          <ActionIcon ml="auto" variant="subtle" color="gray" size={26} aria-label={t('options.restore', { n })} onClick={() => onChange({ removed: undefined, replacement: undefined })}>
            <IconArrowBackUp size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
      {use && use.records > 0 && <ReplacementSelect name={option.label} value={option.replacement} staying={staying} required={required} onChange={(replacement) => onChange({ replacement })} />}
      {first.length > 0 && <p className={classes.failure} style={{ margin: 0 }}>{t('options.usedIn', { names: first.join(', ') })}</p>}
    </div>
  );
}
