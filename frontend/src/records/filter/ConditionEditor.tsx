/** Operator and value of one condition. */
import { NativeSelect, Select, type ComboboxItem } from '@mantine/core';
import { useMemo } from 'react';

import { FieldFilter } from '@/fields';
import { useT } from '@/i18n';
import { useSession, type Attribute, type Entity } from '@/metadata';
import { useOperatorLabel } from './describe';
import classes from './filter.module.css';
import { arityOf, convertValue, groupOf, inUnit, isFiscal, operatorsOf, unitOf, UNITS, type OperatorGroup, type Unit } from './operators';
import type { Condition } from './tree';

export interface ConditionEditorProps {
  attribute: Attribute;
  /** The object whose states and options the attribute has. */
  owner: Entity;
  condition: Condition;
  onChange: (condition: Condition) => void;
  autoFocus?: boolean;
  /** Beside each other in the builder, below each other in a chip's popover. */
  stacked?: boolean;
}

const GROUPS: OperatorGroup[] = ['compare', 'relative', 'presence'];

export function ConditionEditor({ attribute, owner, condition, onChange, autoFocus, stacked }: ConditionEditorProps) {
  const t = useT();
  const label = useOperatorLabel();
  const { workspace } = useSession();
  // Where fiscal years are calendar years the fiscal periods would only be a second name.
  const fiscal = (workspace.fiscal_start ?? 1) > 1;
  const operators = useMemo(() => operatorsOf(attribute).filter((operator) => fiscal || !isFiscal(operator)), [attribute, fiscal]);
  const unit = unitOf(condition.operator);
  const chosen = unit ? inUnit(condition.operator, 'days') : condition.operator;
  // A stored operator that is no longer offered (or `eq` of a choice) stays visible instead of turning into another.
  const all = operators.includes(chosen) ? operators : [chosen, ...operators];
  const items = (group: OperatorGroup): ComboboxItem[] => all.filter((operator) => groupOf(operator) === group).map((value) => ({ value, label: label(value, attribute.type) }));
  const data = GROUPS.map((group) => ({ group: group === 'compare' ? '' : t(`lists.op.group.${group}`), items: items(group) })).filter((entry) => entry.items.length);
  const field = { ...attribute, states: owner.states };
  return (
    <div className={classes.condition} data-stacked={stacked || undefined}>
      <Select
        size="sm"
        className={classes.operator}
        aria-label={t('lists.filter.operator')}
        data={data.length > 1 ? data : (data[0]?.items ?? [])}
        value={chosen}
        allowDeselect={false}
        maxDropdownHeight={320}
        comboboxProps={{ withinPortal: true }}
        onChange={(operator) => operator && onChange({ ...condition, operator, value: convertValue(condition.value, condition.operator, operator) })}
      />
      {arityOf(condition.operator) !== 'none' && (
        <div className={classes.value}>
          <FieldFilter
            key={arityOf(condition.operator)}
            attribute={field}
            operator={condition.operator}
            value={condition.value ?? null}
            autoFocus={autoFocus}
            onChange={(value) => onChange({ ...condition, value: value === null ? undefined : (value as Condition['value']) })}
          />
        </div>
      )}
      {unit && (
        <NativeSelect
          size="sm"
          aria-label={t('lists.filter.unit')}
          value={unit}
          onChange={(event) => onChange({ ...condition, operator: inUnit(condition.operator, event.currentTarget.value as Unit) })}
          data={UNITS.map((value) => ({ value, label: t(`lists.filter.unit.${value}`) }))}
        />
      )}
    </div>
  );
}
