import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconPlus, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { readOptionsInUse, type AttributeDefinition } from '@/api/customization';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { COLOR_NAMES, colorPair } from '@/ui/colors';
import { DeletedOption } from './DeletedOption';
import classes from './model.module.css';

type Options = NonNullable<AttributeDefinition['options']>;

interface OptionsEditorProps {
  options: Options;
  onChange: (options: Options) => void;
  error?: string;
  /** The published list: a shared one by its name, or an object's field; null while it was never published. */
  list: { object: string | null; name: string } | null;
  /** Its own heading and words, where it is not the list of a field. */
  legend?: React.ReactNode;
  addLabel?: string;
  newColor?: string | null;
  /** Whether one of them is what new records get. */
  withDefault?: boolean;
}

/** Options with colour and order. Old records keep a retired option; for a deleted one they get what is chosen instead. */
export function OptionsEditor({ options, onChange, error, list, legend, addLabel, newColor, withDefault }: OptionsEditorProps) {
  const t = useT();
  const inUse = useQuery({ queryKey: [...keys.customization, 'options', list?.object ?? null, list?.name], queryFn: ({ signal }) => readOptionsInUse(list!.name, list!.object, signal), enabled: !!list && options.some((option) => option.value), retry: false }).data;
  const inUseBy = (option: Options[number]) => inUse?.options.find((entry) => entry.value === option.value);
  const staying = options.filter((option) => !option.removed);
  const set = (index: number, change: Partial<Options[number]>) => onChange(options.map((option, at) => (at === index ? { ...option, ...change } : option)));
  const move = (index: number, by: number) => {
    const next = [...options];
    const [moved] = next.splice(index, 1);
    next.splice(index + by, 0, moved!);
    onChange(next);
  };
  const add = () => onChange([...options, { label: '', color: newColor ?? COLOR_NAMES[(options.length + 2) % COLOR_NAMES.length]! }]);
  return (
    <fieldset className={classes.fieldset}>
      <legend>{legend ?? t('field.options')}</legend>
      {options.map((option, index) => {
        const n = index + 1;
        const retired = option.active === false;
        const use = inUseBy(option);
        if (option.removed) return <DeletedOption key={option.value} option={option} n={n} staying={staying} use={use} required={inUse?.required ?? false} onChange={(change) => set(index, change)} />;
        return (
          <div key={option.value ?? `new${index}`} className={classes.option}>
            <ColorPicker label={t('field.optionColor', { n })} value={option.color} onChange={(color) => set(index, { color })} />
            <TextInput
              size="xs"
              className={classes.optionName}
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
            {withDefault && (
              <IconButton label={t(option.default ? 'reasons.isDefault' : 'reasons.makeDefault', { n })} pressed={!!option.default} disabled={retired} onClick={() => onChange(options.map((one, at) => ({ ...one, default: at === index })))}>
                {option.default ? <IconStarFilled size={16} /> : <IconStar size={16} stroke={1.75} />}
              </IconButton>
            )}
            <IconButton label={t('field.moveUp', { n })} disabled={index === 0} onClick={() => move(index, -1)}><IconArrowUp size={16} stroke={1.75} /></IconButton>
            <IconButton label={t('field.moveDown', { n })} disabled={index === options.length - 1} onClick={() => move(index, 1)}><IconArrowDown size={16} stroke={1.75} /></IconButton>
            {option.value && (
              <IconButton label={t(retired ? 'field.reviveOption' : 'field.retireOption', { n })} disabled={!!option.default && !retired} onClick={() => set(index, { active: retired })}>
                {retired ? <IconEye size={16} stroke={1.75} /> : <IconEyeOff size={16} stroke={1.75} />}
              </IconButton>
            )}
            {use ? (
              <IconButton label={t(use.fixed ? 'options.fixed' : 'options.delete', { n })} disabled={use.fixed || !!option.default || staying.length < 2} onClick={() => set(index, { removed: true })}><IconTrash size={16} stroke={1.75} /></IconButton>
            ) : (
              (!option.value || !list || inUse) && <IconButton label={t('field.removeOption', { n })} disabled={!!option.default || staying.length < 2} onClick={() => onChange(options.filter((_, at) => at !== index))}><IconTrash size={16} stroke={1.75} /></IconButton>
            )}
          </div>
        );
      })}
      <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={add} style={{ alignSelf: 'flex-start' }}>
        {addLabel ?? t('field.addOption')}
      </Button>
      {error && <p className={classes.failure} role="alert">{error}</p>}
    </fieldset>
  );
}

function IconButton({ label, children, pressed, ...rest }: { label: string; children: React.ReactNode; pressed?: boolean; disabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={26} aria-label={label} aria-pressed={pressed} {...rest}>
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
