/** A rule's condition in one sentence, for lists of rules and of changes. */
import type { Filter, FilterValue } from '@/api';
import type { Key, Translate } from '@/i18n';
import { attributeOf, type Entity, type RuleAction } from '@/metadata';
import { describe, describeGroup } from '@/records/filter';

const nothing = () => undefined;

/** "Industry is Retail and (Phone is empty or Fax is empty)"; an empty condition always holds. */
export function conditionWords(t: Translate, entity: Entity, filter: Filter | null): string {
  return filter ? wordsOf(t, entity, filter, true) : t('rules.holdsAlways');
}

function wordsOf(t: Translate, entity: Entity, filter: Filter, outermost: boolean): string {
  if ('not' in filter) return `${t('rules.not')} (${wordsOf(t, entity, filter.not, true)})`;
  if ('and' in filter || 'or' in filter) {
    const parts = 'and' in filter ? filter.and : filter.or;
    const text = parts.map((part) => wordsOf(t, entity, part, parts.length === 1 && outermost)).join(` ${t('and' in filter ? 'rules.and' : 'rules.or')} `);
    return outermost || parts.length === 1 ? text : `(${text})`;
  }
  const words = describe(t, entity, filter, nothing, {});
  return words ? [words.label, words.operator, words.value].filter(Boolean).join(' ') : describeGroup(t, entity, filter);
}

/** "Require Phone · Set value Kind: Big · Refuse with message Price: “Never negative”". */
export function actionWords(t: Translate, entity: Entity, actions: RuleAction[] | null): string {
  return (actions ?? [])
    .map((action) => {
      const field = action.attribute && (attributeOf(entity, action.attribute)?.label ?? action.attribute);
      const words = [t(`rules.do.${action.action}` as Key), field].filter(Boolean).join(' ');
      const to = toWords(t, entity, action);
      return to ? `${words}: ${to}` : words;
    })
    .join(' · ');
}

/** What an action writes or says; nothing for the others. */
function toWords(t: Translate, entity: Entity, { action, attribute, value, message }: RuleAction): string {
  if (action === 'error') return message ? `“${message}”` : '';
  if ((action !== 'set' && action !== 'default') || !attribute) return '';
  if (value === null || value === undefined) return '–';
  return describe(t, entity, { attribute, operator: 'eq', value: value as FilterValue }, nothing, {})?.value ?? '';
}
