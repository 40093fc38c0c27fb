/** The filter as chips: each condition can be changed or taken away; what chips cannot say opens the builder. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconFilter, IconPlus, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';

import type { Filter } from '@/api';
import { useT } from '@/i18n';
import { attributeOf, type Attribute, type Entity } from '@/metadata';
import { useIsPhone, useShortcut } from '@/ui';
import { AttributePicker } from './AttributePicker';
import { conditionOn } from './conditionOn';
import { describe, describeGroup, ownerEntity, useReferencedIds } from './describe';
import { Dropdown } from './Dropdown';
import classes from './filter.module.css';
import { useReferenceNames } from './names';
import { relationsOf, resolvePath, type FindEntity } from './paths';
import { suggestionsFor } from './suggestions';
import { filterOf, joined, newCondition, newGroup, partsOf, type Condition } from './tree';

const ConditionEditor = lazy(() => import('./ConditionEditor').then((module) => ({ default: module.ConditionEditor })));
const FilterBuilderDrawer = lazy(() => import('./FilterBuilderDrawer'));

export interface FilterBarProps {
  entity: Entity;
  filter: Filter | null;
  find: FindEntity;
  onChange: (filter: Filter | null) => void;
  /** Attribute path to start a new condition on, asked for from elsewhere (a column's menu). */
  asked?: string | null;
  onAsked?: () => void;
}

/** Which popover is open: a chip by its place, the condition being made, the menu of attributes, nothing. */
type Open = { kind: 'chip'; at: number } | { kind: 'draft' } | { kind: 'menu' } | { kind: 'builder' } | null;

const filterable = (attribute: Attribute) => attribute.filterable && attribute.operators.length > 0;

export function FilterBar({ entity, filter, find, onChange, asked, onAsked }: FilterBarProps) {
  const t = useT();
  const phone = useIsPhone();
  const parts = partsOf(filter);
  const [open, setOpen] = useState<Open>(null);
  const [draft, setDraft] = useState<{ condition: Condition; attribute: Attribute; owner: Entity; title: string } | null>(null);
  const names = useReferenceNames(useReferencedIds(entity, parts, find));
  useShortcut('f', () => setOpen({ kind: 'menu' }), { label: t('lists.key.filter'), group: t('lists.key.group') });

  const start = (path: string, attribute: Attribute, owner: Entity, labels: string[]) => {
    setDraft({ condition: conditionOn(path, attribute), attribute, owner, title: labels.join(' · ') });
    setOpen({ kind: 'draft' });
  };
  useEffect(() => {
    if (!asked) return;
    const resolved = resolvePath(entity, asked, find);
    if (resolved) start(asked, resolved.attribute, ownerEntity(entity, asked, find), resolved.labels);
    onAsked?.();
  }, [asked, entity, find, onAsked]);
  const replace = (at: number, part: Filter | null) => onChange(joined(part ? parts.with(at, part) : parts.toSpliced(at, 1)));
  const closeDraft = () => {
    const made = draft && filterOf(newGroup('and', [draft.condition]));
    if (made) onChange(joined([...parts, made]));
    setDraft(null);
    setOpen(null);
  };

  return (
    <div className={classes.bar} role="group" aria-label={t('lists.filter')}>
      {parts.map((part, at) => {
        const text = describe(t, entity, part, find, names);
        const editable = text && !text.broken && 'attribute' in part && part.attribute !== 'import_id' && resolvePath(entity, part.attribute, find) !== undefined && (part.attribute !== 'id' || /under|above/.test(part.operator));
        const isOpen = open?.kind === 'chip' && open.at === at;
        const chip = (
          <span className={classes.chip} data-broken={text?.broken || ('related' in part && !relationsOf(entity).some((entry) => entry.name === part.related)) || undefined}>
            <UnstyledButton
              className={classes.chipText}
              aria-expanded={isOpen}
              onClick={() => setOpen(editable ? { kind: 'chip', at } : { kind: 'builder' })}
              title={text ? `${text.label} ${text.operator} ${text.value}` : undefined}
            >
              {text ? (
                <>
                  <span className={classes.chipLabel}>{text.label}</span> <span className={classes.chipOperator}>{text.operator}</span> {text.value && <span className={classes.chipValue}>{text.value}</span>}
                </>
              ) : (
                describeGroup(t, entity, part)
              )}
            </UnstyledButton>
            <UnstyledButton className={classes.chipRemove} aria-label={t('lists.filter.remove', { label: text?.label ?? describeGroup(t, entity, part) })} onClick={() => replace(at, null)}>
              <IconX size={16} stroke={1.75} aria-hidden />
            </UnstyledButton>
          </span>
        );
        if (!editable) return <span key={at}>{chip}</span>;
        const resolved = resolvePath(entity, part.attribute, find)!;
        return (
          <Dropdown key={at} opened={isOpen} onClose={() => setOpen(null)} label={text.label} target={chip} width={phone ? 300 : 340} padding={12}>
            <ChipEditor
              title={text.label}
              attribute={resolved.attribute}
              owner={ownerEntity(entity, part.attribute, find)}
              initial={newCondition(part.attribute, part.operator, part.value)}
              onChange={(condition) => {
                const next = filterOf(newGroup('and', [condition]));
                if (next) replace(at, next);
              }}
            />
          </Dropdown>
        );
      })}
      <Dropdown
        opened={open?.kind === 'menu' || open?.kind === 'draft'}
        onClose={open?.kind === 'draft' ? closeDraft : () => setOpen(null)}
        label={t('lists.filter')}
        width={open?.kind === 'draft' ? 340 : 280}
        padding={open?.kind === 'draft' ? 12 : 8}
        target={
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={parts.length ? <IconPlus size={16} stroke={1.75} /> : <IconFilter size={16} stroke={1.75} />}
            onClick={() => setOpen(open ? null : { kind: 'menu' })}
            aria-expanded={open?.kind === 'menu'}
          >
            {t('lists.filter')}
          </Button>
        }
      >
        {open?.kind === 'draft' && draft ? (
          <>
            <ChipEditor
              title={draft.title}
              attribute={draft.attribute}
              owner={draft.owner}
              initial={draft.condition}
              onChange={(condition) => setDraft({ ...draft, condition })}
            />
            <div className={classes.done}>
              <Button size="xs" onClick={closeDraft} disabled={!filterOf(newGroup('and', [draft.condition]))}>
                {t('lists.filter.apply')}
              </Button>
            </div>
          </>
        ) : (
          <AttributePicker
            entity={entity}
            allow={filterable}
            onPick={start}
            steps={2}
            above={
              <div className={classes.suggestions}>
                {suggestionsFor(t, entity, parts).map((suggestion) => (
                  <UnstyledButton
                    key={suggestion.label}
                    className={classes.option}
                    onClick={() => {
                      onChange(joined([...parts, suggestion.filter]));
                      setOpen(null);
                    }}
                  >
                    {suggestion.label}
                  </UnstyledButton>
                ))}
                <UnstyledButton className={classes.option} onClick={() => setOpen({ kind: 'builder' })}>
                  {t('lists.filter.builder')}
                </UnstyledButton>
              </div>
            }
          />
        )}
      </Dropdown>
      {parts.length > 1 && (
        <Button size="xs" variant="subtle" color="gray" onClick={() => onChange(null)}>
          {t('lists.filter.clear')}
        </Button>
      )}
      {open?.kind === 'builder' && (
        <Suspense fallback={null}>
          <FilterBuilderDrawer entity={entity} filter={filter} onChange={onChange} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </div>
  );
}

/** Holds the half-finished condition of a chip; finished ones are applied at once. */
function ChipEditor(props: { title: string; attribute: Attribute; owner: Entity; initial: Condition; onChange: (condition: Condition) => void }) {
  const [condition, setCondition] = useState(props.initial);
  return (
    <>
      <div className={classes.chipTitle}>{props.title}</div>
      <Suspense fallback={<div style={{ height: 72 }} />}>
        <ConditionEditor
          stacked
          autoFocus
          attribute={props.attribute}
          owner={props.owner}
          condition={condition}
          onChange={(next) => {
            setCondition(next);
            props.onChange(next);
          }}
        />
      </Suspense>
    </>
  );
}

/** True when an object has an owner, so that "mine" makes sense. */
export const hasOwner = (entity: Entity): boolean => attributeOf(entity, 'owner')?.operators.includes('me') ?? false;
