import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconGripVertical } from '@tabler/icons-react';
import { createContext, useContext, useState, type CSSProperties, type DragEvent, type KeyboardEvent } from 'react';

import { useT } from '@/i18n';
import type { AttributeTypeName } from '@/metadata';
import { TypeIcon } from '../TypeIcon';
import classes from './designer.module.css';
import { namesIn, place, step, take, type DrawnForm, type Zone } from './formDocument';

/** What a name on the form is: a field, or a related list. */
export interface Placeable {
  label: string;
  type: AttributeTypeName | null;
  required?: boolean;
  wide?: boolean;
}

export interface Designer {
  form: DrawnForm;
  change: (change: (form: DrawnForm) => DrawnForm) => void;
  find: (zone: Zone, name: string) => Placeable | undefined;
  /** Other places a name of the zone can go to, for those who do not drag. */
  places: (zone: Zone) => { zone: Zone; label: string }[];
}

const Context = createContext<Designer | null>(null);
export const DesignerProvider = Context.Provider;

export function useDesigner(): Designer {
  const designer = useContext(Context);
  if (!designer) throw new Error('useDesigner needs a DesignerProvider above it');
  return designer;
}

const TYPE = 'application/x-form-field';
/** Fields and related lists do not mix: what is dragged says which it is. */
const kindOf = (zone: Zone) => (zone === 'related' ? 'related' : 'field');
// Data of a drag can only be read when it is dropped; its kind is needed before.
let dragged: { name: string; kind: string } | null = null;

export function beginDrag(event: DragEvent, name: string, zone: Zone) {
  dragged = { name, kind: kindOf(zone) };
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData(TYPE, name);
}

export const endDrag = () => {
  dragged = null;
};

/** Whether what is being dragged may be dropped here; call in dragover. */
export function mayDrop(event: DragEvent, zone: Zone): boolean {
  if (!dragged || dragged.kind !== kindOf(zone)) return false;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'move';
  return true;
}

/** The names of one zone: moved by drag, by Alt with the arrow keys, or by the menu of each. */
export function FieldList({ zone, columns = 1, empty }: { zone: Zone; columns?: number; empty: string }) {
  const { form, change, find } = useDesigner();
  const [over, setOver] = useState<number | null>(null);
  const names = namesIn(form, zone).filter((name) => find(zone, name));
  const drop = (event: DragEvent) => {
    const name = event.dataTransfer.getData(TYPE) || dragged?.name;
    const at = over ?? names.length;
    setOver(null);
    endDrag();
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    // The place among what is shown is the place of the name that stands there.
    const stored = namesIn(form, zone);
    const index = at < names.length ? stored.indexOf(names[at]!) : stored.length;
    change((before) => place(before, name, zone, index));
  };
  return (
    <ul
      className={classes.fields}
      style={{ '--columns': columns } as CSSProperties}
      data-one={columns === 1 || undefined}
      data-over={over === names.length || undefined}
      onDragOver={(event) => {
        if (mayDrop(event, zone) && event.target === event.currentTarget) setOver(names.length);
      }}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(null)}
      onDrop={drop}
    >
      {names.map((name, index) => (
        <FieldChip key={name} name={name} zone={zone} columns={columns} over={over === index ? 'before' : over === index + 1 && index === names.length - 1 ? 'after' : undefined} onOver={(after) => setOver(index + (after ? 1 : 0))} />
      ))}
      {!names.length && <li className={classes.empty}>{empty}</li>}
    </ul>
  );
}

interface ChipProps {
  name: string;
  zone: Zone;
  columns: number;
  over?: 'before' | 'after';
  onOver: (after: boolean) => void;
}

function FieldChip({ name, zone, columns, over, onOver }: ChipProps) {
  const t = useT();
  const { change, find } = useDesigner();
  const [lifted, setLifted] = useState(false);
  const what = find(zone, name)!;
  const move = (by: -1 | 1, focus: HTMLElement) => {
    change((before) => step(before, name, zone, by));
    // The focus goes with the field, also into the next section.
    const frame = focus.closest('[data-designer]');
    requestAnimationFrame(() => frame?.querySelector<HTMLElement>(`[data-handle="${CSS.escape(`${kindOf(zone)}:${zone.startsWith('part') ? '' : zone}:${name}`)}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
    if (by && event.altKey) {
      event.preventDefault();
      move(by, event.currentTarget);
    } else if (by) {
      event.preventDefault();
      const handles = [...(event.currentTarget.closest('[data-designer]')?.querySelectorAll<HTMLElement>('[data-handle]') ?? [])];
      handles[handles.indexOf(event.currentTarget) + by]?.focus();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      change((before) => take(before, name, zone));
    }
  };
  return (
    <li
      className={`${classes.field} ${what.wide && columns > 1 ? classes.wide : ''}`}
      data-dragged={lifted || undefined}
      data-over={over}
      draggable
      onDragStart={(event) => {
        beginDrag(event, name, zone);
        setLifted(true);
      }}
      onDragEnd={() => {
        endDrag();
        setLifted(false);
      }}
      onDragOver={(event) => {
        if (!mayDrop(event, zone)) return;
        const box = event.currentTarget.getBoundingClientRect();
        onOver(columns > 1 ? event.clientX > box.left + box.width / 2 : event.clientY > box.top + box.height / 2);
      }}
    >
      <button type="button" className={classes.handle} data-handle={`${kindOf(zone)}:${zone.startsWith('part') ? '' : zone}:${name}`} aria-label={t('designer.field', { label: what.label })} title={t('designer.fieldHint')} onKeyDown={onKeyDown}>
        <IconGripVertical size={16} stroke={1.75} aria-hidden className={classes.grip} />
        {what.type && <TypeIcon type={what.type} />}
        <span className="k-truncate" title={what.label}>{what.label}</span>
        {what.required && <span className={classes.need} aria-label={t('model.required')}>*</span>}
      </button>
      <ChipMenu name={name} zone={zone} label={what.label} />
    </li>
  );
}

function ChipMenu({ name, zone, label }: { name: string; zone: Zone; label: string }) {
  const t = useT();
  const { form, change, places } = useDesigner();
  const others = places(zone);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('designer.menu', { label })}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => change((before) => step(before, name, zone, -1))}>{t('designer.up')}</Menu.Item>
        <Menu.Item onClick={() => change((before) => step(before, name, zone, 1))}>{t('designer.down')}</Menu.Item>
        {others.length > 0 && <Menu.Label>{t('designer.moveTo')}</Menu.Label>}
        {others.map((other) => (
          <Menu.Item key={other.zone} onClick={() => change((before) => place(before, name, other.zone, namesIn(form, other.zone).length))}>
            {other.label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => change((before) => take(before, name, zone))}>{t('designer.take')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
