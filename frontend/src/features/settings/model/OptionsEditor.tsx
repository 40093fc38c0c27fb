import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconPlus, IconTrash } from '@tabler/icons-react';

import type { AttributeDefinition } from '@/api/customization';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { COLOR_NAMES, colorPair } from '@/ui/colors';
import classes from './model.module.css';

type Options = NonNullable<AttributeDefinition['options']>;

/** Rows with a label; an empty last row is not an option. */
export const withoutEmpty = (options: Options): Options => options.filter((option) => option.label.trim()).map((option) => ({ ...option, label: option.label.trim(), ...(option.labels ? { labels: Object.fromEntries(Object.entries(option.labels).filter(([, text]) => text.trim())) } : {}) }));

/** Options with colour, order and retirement. Published options are retired, never removed, so old records keep theirs. */
export function OptionsEditor({ options, onChange, error }: { options: Options; onChange: (options: Options) => void; error?: string }) {
  const t = useT();
  const set = (index: number, change: Partial<Options[number]>) => onChange(options.map((option, at) => (at === index ? { ...option, ...change } : option)));
  const move = (index: number, by: number) => {
    const next = [...options];
    const [moved] = next.splice(index, 1);
    next.splice(index + by, 0, moved!);
    onChange(next);
  };
  const add = () => onChange([...options, { label: '', color: COLOR_NAMES[(options.length + 2) % COLOR_NAMES.length]! }]);
  return (
    <fieldset className={classes.fieldset}>
      <legend>{t('field.options')}</legend>
      {options.map((option, index) => {
        const n = index + 1;
        const retired = option.active === false;
        return (
          <div key={option.value ?? `new${index}`} className={classes.option}>
            <ColorPicker label={t('field.optionColor', { n })} value={option.color} onChange={(color) => set(index, { color })} />
            <TextInput
              size="xs"
              style={{ flex: 1 }}
              aria-label={t('field.option', { n })}
              placeholder={t('field.option', { n })}
              maxLength={100}
              value={option.label}
              onChange={(event) => set(index, { label: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key === 'Enter') {
                  event.preventDefault();
                  if (index === options.length - 1 && option.label.trim()) add();
                }
              }}
              autoFocus={index > 1 && index === options.length - 1 && !option.label}
            />
            {option.label && <span className={classes.preview}><Chip label={retired ? `${option.label} (${t('field.retired')})` : option.label} color={retired ? 'gray' : option.color} /></span>}
            <IconButton label={t('field.moveUp', { n })} disabled={index === 0} onClick={() => move(index, -1)}><IconArrowUp size={16} stroke={1.75} /></IconButton>
            <IconButton label={t('field.moveDown', { n })} disabled={index === options.length - 1} onClick={() => move(index, 1)}><IconArrowDown size={16} stroke={1.75} /></IconButton>
            {option.value ? (
              <IconButton label={t(retired ? 'field.reviveOption' : 'field.retireOption', { n })} onClick={() => set(index, { active: retired })}>
                {retired ? <IconEye size={16} stroke={1.75} /> : <IconEyeOff size={16} stroke={1.75} />}
              </IconButton>
            ) : (
              <IconButton label={t('field.removeOption', { n })} disabled={options.length < 2} onClick={() => onChange(options.filter((_, at) => at !== index))}><IconTrash size={16} stroke={1.75} /></IconButton>
            )}
          </div>
        );
      })}
      <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={add} style={{ alignSelf: 'flex-start' }}>
        {t('field.addOption')}
      </Button>
      {error && <p className={classes.failure} role="alert">{error}</p>}
    </fieldset>
  );
}

function IconButton({ label, children, ...rest }: { label: string; children: React.ReactNode; disabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={26} aria-label={label} {...rest}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** One of the twelve pairs. */
export function ColorPicker({ label, value, onChange }: { label: string; value: string | null; onChange: (color: string) => void }) {
  const pair = colorPair(value);
  return (
    <Popover position="bottom-start" withinPortal trapFocus>
      <Popover.Target>
        <button type="button" className={classes.swatch} style={{ background: pair.background, color: pair.color }} aria-label={label} title={label}>
          A
        </button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <div className={classes.swatches} role="radiogroup" aria-label={label}>
          {COLOR_NAMES.map((name) => {
            const colors = colorPair(name);
            return (
              <button key={name} type="button" role="radio" aria-checked={name === value} className={classes.swatch} style={{ background: colors.background, color: colors.color }} title={name} aria-label={name} onClick={() => onChange(name)}>
                A
              </button>
            );
          })}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
