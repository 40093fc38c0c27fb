/**
 * Business rules live in forms (PLT-10). The server enforces the same rules with the same outcome; both evaluators answer
 * the table of cases beside this file.
 */
import type { Filter } from '@/api';
import type { Attribute, BusinessRule, Entity } from './types';

export interface Violation {
  rule: string;
  attribute: string | null;
  code: 'value.required' | 'rule.locked' | 'rule.refused';
}

/** What the rules say about one record; `values` are what they set. */
export interface Effects {
  required: string[];
  recommended: string[];
  hidden: string[];
  locked: string[];
  values: Record<string, unknown>;
  holding: string[];
  violations: Violation[];
}

type Values = Readonly<Record<string, unknown>>;
type Types = (name: string) => string | undefined;
interface Leaf {
  attribute: string;
  operator?: string;
  value?: unknown;
}

const NUMBERS = new Set(['int', 'dec', 'float', 'money', 'duration']);
const REFERENCES = new Set(['lookup', 'customer', 'owner', 'regarding']);
const NEGATIONS: Record<string, string> = { ne: 'eq', not_in: 'in', not_contains: 'contains', has_none: 'has_any', not_empty: 'empty' };

/** Operators a rule may use, by attribute type. */
const EQUALITY = ['eq', 'ne', 'in', 'not_in'];
const ORDER = ['gt', 'ge', 'lt', 'le', 'between'];
const PRESENCE = ['empty', 'not_empty'];
export function ruleOperators(type: string): string[] {
  if (NUMBERS.has(type)) return [...EQUALITY, ...ORDER, ...PRESENCE];
  if (type === 'date' || type === 'datetime') return ['eq', 'ne', ...ORDER, ...PRESENCE];
  if (type === 'text' || type === 'auto') return [...EQUALITY, 'contains', 'not_contains', 'begins', 'ends', ...PRESENCE];
  if (['pick', 'state', 'status_reason'].includes(type) || REFERENCES.has(type)) return [...EQUALITY, ...PRESENCE];
  if (type === 'memo') return ['contains', 'not_contains', ...PRESENCE];
  if (type === 'bool') return ['eq', 'ne', ...PRESENCE];
  if (type === 'multi') return ['has_any', 'has_all', 'has_none', ...PRESENCE];
  return PRESENCE;
}

const isNothing = (value: unknown) => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Decimals as [sign, digits before, digits after], so that money compares exactly. */
function decimal(value: unknown): { negative: boolean; whole: string; rest: string } {
  const number = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(20) : String(value).trim();
  const [, sign = '', whole = '0', rest = ''] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(number) ?? [];
  const trimmed = { whole: whole.replace(/^0+/, '') || '0', rest: rest.replace(/0+$/, '') };
  return { ...trimmed, negative: sign === '-' && !(trimmed.whole === '0' && trimmed.rest === '') };
}

function compareDecimals(first: unknown, second: unknown): number {
  const a = decimal(first);
  const b = decimal(second);
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = a.whole.length - b.whole.length || (a.whole < b.whole ? -1 : a.whole > b.whole ? 1 : 0) || (a.rest < b.rest ? -1 : a.rest > b.rest ? 1 : 0);
  return a.negative ? -size : size;
}

const idOf = (value: unknown) => String(typeof value === 'object' && value !== null && 'id' in value ? value.id : value).toLowerCase();

/** Upper case letter by letter, as the database compares texts in lists: ß stays ß, ς and σ are one letter. */
const upper = (value: unknown) => Array.from(String(value), (letter) => (Array.from(letter.toUpperCase()).length === 1 ? letter.toUpperCase() : letter)).join('');

/** Instants to the microsecond, as they are stored; the clock of the browser only knows thousandths. */
function compareInstants(a: unknown, b: unknown): number {
  const below = (value: unknown) => Number((/\.(\d+)/.exec(String(value))?.[1] ?? '').padEnd(6, '0').slice(3, 6));
  return Date.parse(String(a)) - Date.parse(String(b)) || below(a) - below(b);
}

/** Below, above or equal by the type of the attribute. */
function compare(type: string, a: unknown, b: unknown): number {
  if (type === 'float') return Number(a) - Number(b);
  if (NUMBERS.has(type)) return compareDecimals(a, b);
  if (type === 'datetime') return compareInstants(a, b);
  if (REFERENCES.has(type)) return idOf(a) === idOf(b) ? 0 : 1;
  if (type === 'text' || type === 'auto') return upper(a) === upper(b) ? 0 : 1;
  if (type === 'date') return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  return a === b ? 0 : 1;
}

function condition(type: string, operator: string, value: unknown, operand: unknown): boolean {
  const positive = NEGATIONS[operator];
  if (positive) return !condition(type, positive, value, operand);
  if (operator === 'empty') return isNothing(value);
  if (isNothing(value)) return false;
  const several = Array.isArray(operand) ? operand : [operand];
  switch (operator) {
    case 'has_any':
      return several.some((item) => (value as unknown[]).includes(item));
    case 'has_all':
      return several.every((item) => (value as unknown[]).includes(item));
    case 'contains':
      return upper(value).includes(upper(operand));
    case 'begins':
      return upper(value).startsWith(upper(operand));
    case 'ends':
      return upper(value).endsWith(upper(operand));
    case 'in':
      return several.some((item) => compare(type, value, item) === 0);
    case 'between':
      return compare(type, value, several[0]) >= 0 && compare(type, value, several[1]) <= 0;
    case 'eq':
      return compare(type, value, operand) === 0;
    case 'gt':
      return compare(type, value, operand) > 0;
    case 'ge':
      return compare(type, value, operand) >= 0;
    case 'lt':
      return compare(type, value, operand) < 0;
    case 'le':
      return compare(type, value, operand) <= 0;
    default:
      return false;
  }
}

/** Whether a filter tree over a record's own attributes holds. Negations include records without a value, as in lists. */
export function holds(typeOf: Types, tree: Filter | null | undefined, values: Values): boolean {
  if (!tree) return true;
  if ('and' in tree) return tree.and.every((part) => holds(typeOf, part, values));
  if ('or' in tree) return tree.or.some((part) => holds(typeOf, part, values));
  if ('not' in tree) return !holds(typeOf, tree.not, values);
  const leaf = tree as Leaf;
  const type = typeOf(leaf.attribute);
  return !!type && condition(type, leaf.operator ?? 'eq', values[leaf.attribute], leaf.value);
}

/** Attributes a condition reads. */
export function namesRead(tree: Filter | null | undefined): string[] {
  if (!tree) return [];
  if ('and' in tree) return tree.and.flatMap(namesRead);
  if ('or' in tree) return tree.or.flatMap(namesRead);
  if ('not' in tree) return namesRead(tree.not);
  return 'attribute' in tree ? [(tree as Leaf).attribute] : [];
}

const add = (names: string[], name: string | null) => {
  if (name && !names.includes(name)) names.push(name);
};

/**
 * What the rules say, in their order.
 *
 * @param before values as stored; null for a new record
 * @param changed attributes this write changes: a rule refuses only writes that touch what it is about
 */
export function evaluateRules(typeOf: Types, rules: BusinessRule[], values: Values, { before = null, changed = [] }: { before?: Values | null; changed?: string[] } = {}): Effects {
  const effects: Effects = { required: [], recommended: [], hidden: [], locked: [], values: {}, holding: [], violations: [] };
  const now: Record<string, unknown> = { ...values };
  const touches = (rule: BusinessRule, name: string | null) => !before || [...namesRead(rule.when), name].some((entry) => entry !== null && changed.includes(entry));
  for (const rule of rules) {
    const held = holds(typeOf, rule.when, now);
    if (held) effects.holding.push(rule.key);
    for (const { action, attribute, value } of rule.then) {
      if (action === 'show' ? !held : held && action === 'hide') add(effects.hidden, attribute);
      if (!held) continue;
      if (action === 'require') add(effects.required, attribute);
      else if (action === 'recommend') add(effects.recommended, attribute);
      else if (action === 'lock') {
        add(effects.locked, attribute);
        if (before && attribute && changed.includes(attribute) && holds(typeOf, rule.when, before)) effects.violations.push({ rule: rule.key, attribute, code: 'rule.locked' });
      } else if (attribute && (action === 'set' || (action === 'default' && !before && isNothing(now[attribute])))) {
        if (!sameJson(now[attribute], value)) now[attribute] = effects.values[attribute] = value ?? null;
      } else if (action === 'error' && touches(rule, attribute)) effects.violations.push({ rule: rule.key, attribute, code: 'rule.refused' });
    }
  }
  for (const rule of rules) {
    if (!effects.holding.includes(rule.key)) continue;
    for (const { action, attribute } of rule.then) {
      if (action !== 'require' || !attribute || effects.hidden.includes(attribute) || !isNothing(now[attribute])) continue;
      if (touches(rule, attribute)) effects.violations.push({ rule: rule.key, attribute, code: 'value.required' });
    }
  }
  return effects;
}

const sameJson = (a: unknown, b: unknown) => (a ?? null) === (b ?? null) || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The message of an error action; null for the other violations. */
export const ruleMessage = (rules: BusinessRule[], violation: Violation): string | null =>
  rules.find((rule) => rule.key === violation.rule)?.then.find((action) => action.action === 'error' && action.attribute === violation.attribute)?.message ?? null;

/** Who makes a record, and where: the session, as far as the server fills values from it. */
export interface Maker {
  user: { id: string; name: string };
  workspace: { currency: string };
}

/** Parts, such as lines, take owner and currency from their whole. */
const isPart = (entity: Entity) => entity.attributes.some((attribute) => attribute.required && attribute.create_only && attribute.behaviour?.kind === 'parental');

/** What the server gives a new record before it looks at the rules: the first state, the caller as owner, the base currency. */
function beginning(entity: Entity, maker?: Maker): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const first = entity.states[0];
  if (first) {
    const reason = first.reasons.find((entry) => entry.default) ?? first.reasons[0];
    Object.assign(found, { state: first.value, status_reason: reason?.value ?? null });
  }
  if (!maker || isPart(entity)) return found;
  const names = new Set(entity.attributes.map((attribute) => attribute.name));
  if (names.has('owner')) found.owner = { object: 'user', id: maker.user.id, name: maker.user.name };
  if (names.has('exchange_rate') && entity.attributes.some((attribute) => attribute.type === 'money')) found.currency = maker.workspace.currency;
  return found;
}

/** A new record's values with what the server fills in where nothing stands. */
function begun(entity: Entity, values: Values, maker?: Maker): Values {
  const filled = Object.entries(beginning(entity, maker)).filter(([name]) => isNothing(values[name]));
  return { ...values, ...Object.fromEntries(filled) };
}

/** The rules of an object on one record; of a new one `maker` says who makes it. */
export function effectsOn(entity: Entity, values: Values, given: { before?: Values | null; changed?: string[]; maker?: Maker } = {}): Effects {
  const rules = entity.rules ?? [];
  if (!rules.length) return NO_EFFECTS;
  const types = new Map(entity.attributes.map((attribute) => [attribute.name, attribute.type]));
  return evaluateRules((name) => types.get(name), rules, given.before ? values : begun(entity, values, given.maker), given);
}

export const NO_EFFECTS: Effects = { required: [], recommended: [], hidden: [], locked: [], values: {}, holding: [], violations: [] };

/** An attribute as the rules leave it: required or recommended while they say so. */
export function underRules(attribute: Attribute, effects: Effects): Attribute {
  const required = attribute.required || (effects.required.includes(attribute.name) && !effects.hidden.includes(attribute.name));
  const recommended = attribute.recommended || effects.recommended.includes(attribute.name);
  return required === attribute.required && recommended === attribute.recommended ? attribute : { ...attribute, required, recommended };
}

/**
 * Values with what the rules set in them. Defaults fill only rules that have just come to hold (`held` are those that did
 * before), so that a person may empty the field again.
 */
export function settled<T extends Record<string, unknown>>(entity: Entity, values: T, before: Values | null, held: string[], maker?: Maker): T {
  const rules = (entity.rules ?? []).map((rule) => (held.includes(rule.key) ? { ...rule, then: rule.then.filter((action) => action.action !== 'default') } : rule));
  if (!rules.length) return values;
  const { values: set } = effectsOn({ ...entity, rules }, { ...before, ...values }, { before, maker });
  return Object.keys(set).length ? { ...values, ...set } : values;
}
