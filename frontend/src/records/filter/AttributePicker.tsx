/** Choose an attribute of an object or, one or two steps away, of the objects it refers to. */
import { TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { useT } from '@/i18n';
import { useMaybeEntity, useSession, type Attribute, type Entity } from '@/metadata';
import { Icon } from '@/ui';
import classes from './filter.module.css';
import { itself, MEMBER_OF, memberOf } from './paths';

export interface AttributePickerProps {
  entity: Entity;
  /** Which attributes may be chosen. */
  allow: (attribute: Attribute) => boolean;
  /** With the whole path, such as `customer.industry`. */
  onPick: (path: string, attribute: Attribute, entity: Entity, labels: string[]) => void;
  /** Steps over relations that may be taken. */
  steps?: number;
  /** Entries above the attributes: suggestions, groups. */
  above?: ReactNode;
  autoFocus?: boolean;
}

const TYPE_ICON: Record<string, string> = {
  text: 'tag', memo: 'note', money: 'coin', date: 'calendar', datetime: 'calendar', owner: 'user', lookup: 'hierarchy', customer: 'building', regarding: 'hierarchy', pick: 'clipboard-list',
  multi: 'clipboard-list', bool: 'checkbox', state: 'bolt', status_reason: 'bolt', int: 'box', dec: 'box', float: 'box', duration: 'calendar', parties: 'users', file: 'file-text', auto: 'tag',
};

/** Attributes in the order of the object's form; system ones after them. */
function ordered(entity: Entity): Attribute[] {
  const rank = new Map<string, number>();
  const note = (name: string) => rank.has(name) || rank.set(name, rank.size);
  note(entity.primary_attribute);
  entity.forms.main.header.forEach(note);
  entity.forms.main.tabs.forEach((tab) => tab.sections.forEach((section) => section.attributes.forEach(note)));
  const of = (attribute: Attribute) => (attribute.system ? 10_000 : 0) + (rank.get(attribute.name) ?? 1000);
  return [...entity.attributes].sort((a, b) => of(a) - of(b) || a.label.localeCompare(b.label));
}

interface Step {
  path: string;
  label: string;
  object: string;
}

export function AttributePicker({ entity, allow, onPick, steps = 1, above, autoFocus = true }: AttributePickerProps) {
  const t = useT();
  const [trail, setTrail] = useState<Step[]>([]);
  const [text, setText] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const here = trail.at(-1);
  const related = useMaybeEntity(here?.object);
  const current = here ? related : entity;
  const wanted = text.trim().toLowerCase();
  const self = !here && steps > 0 && entity.parent_attribute ? itself(entity) : undefined;
  const session = useSession();
  const lists = !here && steps > 0 && session.objects.some((object) => object.name === entity.collected_in?.object) ? memberOf(entity) : undefined;
  const attributes = current ? [...ordered(current), ...(self && allow(self) ? [{ ...self, label: t('lists.attribute.itself', { object: self.label }) }] : []), ...(lists && allow(lists) ? [lists] : [])].filter((attribute) => attribute.label.toLowerCase().includes(wanted)) : [];
  const prefix = here ? `${here.path}.` : '';
  const step = (attribute: Attribute, object: string) => {
    setTrail([...trail, { path: prefix + attribute.name, label: attribute.label, object }]);
    setText('');
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      buttons[Math.max(0, Math.min(buttons.length - 1, at + move))]?.focus();
    } else if (event.key === 'Enter' && at < 0) {
      event.preventDefault();
      buttons.find((button) => button.dataset.attribute)?.click();
    } else if (event.key === 'Backspace' && at < 0 && !text && trail.length) {
      setTrail(trail.slice(0, -1));
    }
  };

  return (
    <div className={classes.picker} onKeyDown={onKeyDown}>
      <TextInput
        size="sm"
        autoFocus={autoFocus}
        data-autofocus={autoFocus || undefined}
        placeholder={t('lists.attribute.search')}
        aria-label={t('lists.attribute.search')}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {here && (
        <UnstyledButton className={classes.back} onClick={() => setTrail(trail.slice(0, -1))}>
          <IconChevronLeft size={16} stroke={1.75} aria-hidden />
          {trail.map((entry) => entry.label).join(' · ')}
        </UnstyledButton>
      )}
      <div ref={list} style={{ maxHeight: 320, overflowY: 'auto' }}>
        {!here && !wanted && above}
        {attributes.map((attribute) => (
          <div key={attribute.name} className={classes.pick}>
            {allow(attribute) ? (
              <UnstyledButton className={classes.option} data-attribute onClick={() => onPick(prefix + attribute.name, attribute, current!, [...trail.map((entry) => entry.label), attribute.label])}>
                <span className={classes.typeIcon}>
                  <Icon name={TYPE_ICON[attribute.type] ?? 'tag'} />
                </span>
                <span className="k-truncate">{attribute.label}</span>
              </UnstyledButton>
            ) : (
              attribute.targets.length > 0 && trail.length < steps && <span className={classes.passage}>{attribute.label}</span>
            )}
            {trail.length < steps &&
              attribute.name !== 'id' &&
              attribute.name !== MEMBER_OF &&
              attribute.targets
                .filter((target) => target !== 'currency')
                .slice(0, 1)
                .map((target) => (
                  <UnstyledButton key={target} className={classes.deeper} aria-label={t('lists.attribute.of', { label: attribute.label })} title={t('lists.attribute.of', { label: attribute.label })} onClick={() => step(attribute, target)}>
                    <IconChevronRight size={16} stroke={1.75} aria-hidden />
                  </UnstyledButton>
                ))}
          </div>
        ))}
        {current && !attributes.length && <div className={classes.nothing}>{t('fields.noHits', { text })}</div>}
      </div>
    </div>
  );
}
