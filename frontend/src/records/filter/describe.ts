/** A condition in words, for chips and titles. */
import { formerLabel } from './broken';
import { useMemo } from 'react';

import type { Filter, FilterValue } from '@/api';
import { fieldOf } from '@/fields';
import { useT, type Key, type Translate } from '@/i18n';
import type { Attribute, Entity, State } from '@/metadata';
import { arityOf, inUnit, unitOf } from './operators';
import { relationsOf, resolvePath, type FindEntity } from './paths';
import { attributesIn, countConditions, treeOf } from './tree';

/** The words of an operator; dates and texts say some of them differently. */
export function operatorLabel(t: Translate, operator: string, type?: string): string {
  if ((type === 'date' || type === 'datetime') && operator in DATE_WORDS) return t(DATE_WORDS[operator]!);
  return t(`lists.op.${unitOf(operator) ? inUnit(operator, 'days') : operator}` as Key);
}

const DATE_WORDS: Record<string, Key> = { gt: 'lists.op.after', lt: 'lists.op.before', ge: 'lists.op.on_or_after', le: 'lists.op.on_or_before', eq: 'lists.op.on', ne: 'lists.op.not_on' };

/** Names of records that conditions hold by id. */
export type Names = Record<string, string>;

const MOST_NAMED = 3;

function valueText(t: Translate, attribute: Attribute & { states?: State[] }, entity: Entity, value: FilterValue | undefined, operator: string, names: Names): string {
  const one = (entry: unknown): string => {
    if (attribute.targets.length && typeof entry === 'string') return names[entry] ?? '…';
    if (attribute.type === 'state') return entity.states.find((state) => state.value === entry)?.label ?? String(entry);
    if (attribute.type === 'bool') return entry ? t('fields.yes') : t('fields.no');
    const single = attribute.type === 'multi' && !Array.isArray(entry) ? [entry] : entry;
    return fieldOf(attribute).format(single, attribute, { entity }) || String(entry ?? '');
  };
  switch (arityOf(operator)) {
    case 'none':
      return '';
    case 'days':
      return t(`lists.filter.${unitOf(operator) ?? 'days'}`, { count: Number(value) });
    case 'range': {
      const [from, to] = Array.isArray(value) ? value : [];
      return t('lists.filter.range', { from: one(from), to: one(to) });
    }
    default: {
      const list = Array.isArray(value) ? value : [value];
      const shown = list.slice(0, MOST_NAMED).map(one).join(', ');
      return list.length > MOST_NAMED ? t('lists.filter.andMore', { shown, count: list.length - MOST_NAMED }) : shown;
    }
  }
}

export interface ConditionText {
  label: string;
  operator: string;
  value: string;
  /** The attribute is gone or hidden. */
  broken: boolean;
}

/** Words for one part of a filter; null for parts that only the builder can show. */
export function describe(t: Translate, entity: Entity, filter: Filter, find: FindEntity, names: Names): ConditionText | null {
  if (!('attribute' in filter)) return null;
  if (filter.attribute === 'id' && ['eq', 'ne', 'in', 'not_in'].includes(filter.operator)) {
    const count = Array.isArray(filter.value) ? filter.value.length : 1;
    return { label: t('lists.filter.chosenRecords', { count }), operator: filter.operator === 'not_in' ? t('lists.op.not_in') : '', value: '', broken: false };
  }
  if (filter.attribute === 'import_id') return { label: t('lists.filter.fromImport'), operator: '', value: '', broken: false };
  const resolved = resolvePath(entity, filter.attribute, find);
  if (!resolved) return { label: formerLabel(entity, filter.attribute), operator: t('lists.filter.gone'), value: '', broken: true };
  const { attribute, labels } = resolved;
  const of = attribute.type === 'state' || attribute.type === 'status_reason' ? ownerEntity(entity, filter.attribute, find) : entity;
  return {
    label: labels.join(' · '),
    operator: operatorLabel(t, filter.operator, attribute.type),
    value: valueText(t, { ...attribute, states: of.states }, of, filter.value, filter.operator, names),
    broken: false,
  };
}

/** The object whose attribute a path ends at. */
export function ownerEntity(entity: Entity, path: string, find: FindEntity): Entity {
  const [head = '', ...rest] = path.split('.');
  if (!rest.length) return entity;
  const attribute = entity.attributes.find((entry) => entry.name === head);
  for (const target of attribute?.targets ?? []) {
    const related = find(target);
    if (related && resolvePath(related, rest.join('.'), find)) return ownerEntity(related, rest.join('.'), find);
  }
  return entity;
}

/** A title for a part that is a group, a negation or a condition on related records. */
export function describeGroup(t: Translate, entity: Entity, filter: Filter): string {
  if ('related' in filter) {
    const known = relationsOf(entity).find((entry) => entry.name === filter.related);
    const label = known?.label ?? t('lists.filter.goneName', { name: filter.related });
    if (filter.count) return t(`lists.filter.counted.${filter.count.operator}`, { label, count: filter.count.value });
    return t(filter.exists === false ? 'lists.filter.hasNoRelated' : 'lists.filter.hasRelated', { label });
  }
  const count = countConditions(treeOf(filter));
  return t(attributesIn(filter).length ? 'lists.filter.advancedOf' : 'lists.filter.advanced', { count });
}

/** Ids named by the reference conditions of some filter parts, by the objects they can be. */
export function useReferencedIds(entity: Entity, parts: Filter[], find: FindEntity): { targets: string[]; id: string }[] {
  return useMemo(
    () =>
      parts.flatMap((part) => {
        if (!('attribute' in part)) return [];
        const attribute = resolvePath(entity, part.attribute, find)?.attribute;
        if (!attribute?.targets.length) return [];
        const values = Array.isArray(part.value) ? part.value : [part.value];
        return values.flatMap((value) => (typeof value === 'string' ? [{ targets: attribute.targets, id: value }] : []));
      }),
    [entity, parts, find],
  );
}

export function useOperatorLabel(): (operator: string, type?: string) => string {
  const t = useT();
  return (operator, type) => operatorLabel(t, operator, type);
}
