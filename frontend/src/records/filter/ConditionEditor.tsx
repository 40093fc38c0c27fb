/** Operator and value of one condition. */
import { Select, type ComboboxItem } from '@mantine/core';
import { useMemo } from 'react';

import { FieldFilter } from '@/fields';
import { useT } from '@/i18n';
import type { Attribute, Entity } from '@/metadata';
import { useOperatorLabel } from './describe';
import classes from './filter.module.css';
import { arityOf, convertValue, groupOf, operatorsOf, type OperatorGroup } from './operators';
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
  const operators = useMemo(() => operatorsOf(attribute), [attribute]);
  // A stored operator that is no longer offered (or `eq` of a choice) stays visible instead of turning into another.
  const all = operators.includes(condition.operator) ? operators : [condition.operator, ...operators];
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
        value={condition.operator}
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
    </div>
  );
}
