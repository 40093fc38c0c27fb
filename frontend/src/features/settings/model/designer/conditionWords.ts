/** A rule's condition in one sentence, for lists of rules and of changes. */
import type { Filter } from '@/api';
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

/** "Require Phone · Hide Fax". */
export function actionWords(t: Translate, entity: Entity, actions: RuleAction[] | null): string {
  return (actions ?? []).map(({ action, attribute }) => [t(`rules.do.${action}` as Key), attribute && (attributeOf(entity, attribute)?.label ?? attribute)].filter(Boolean).join(' ')).join(' · ');
}
