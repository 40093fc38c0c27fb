import type { RuleCondition } from '@/api/duplicates';
import type { Key, Translate } from '@/i18n';
import type { Entity } from '@/metadata';

const label = (entity: Entity | undefined, name: string): string => entity?.attributes.find((attribute) => attribute.name === name)?.label ?? name;

/** One condition in words: "E-mail: same address", "Company is Account name: without legal form". */
export function describeCondition(t: Translate, condition: RuleCondition, base: Entity | undefined, target: Entity | undefined): string {
  const ours = label(base, condition.attribute);
  const theirs = label(target, condition.matching_attribute);
  const how = t(`dedup.operator.${condition.operator}` as Key, { n: condition.n ?? 0 });
  const fields = ours === theirs ? ours : `${ours} = ${theirs}`;
  return `${fields}: ${how}`;
}

const FORMATS: Record<string, string[]> = { email: ['email'], phone: ['phone'], domain: ['email', 'url'] };
const TEXTS = ['text', 'memo', 'auto'];
const UNCOMPARABLE = ['file', 'multi', 'parties', 'regarding', 'state', 'status_reason'];

/** Comparisons that suit a field; the server refuses the others. */
export function comparisonsOf(attribute: { type: string; format?: string | null }): string[] {
  if (UNCOMPARABLE.includes(attribute.type)) return [];
  if (['date', 'datetime'].includes(attribute.type)) return ['same', 'same_date'];
  if (!TEXTS.includes(attribute.type)) return ['same'];
  const special = Object.keys(FORMATS).filter((name) => FORMATS[name]!.includes(attribute.format ?? ''));
  return ['same', ...special, 'begins', 'ends', 'similar', 'company', 'phonetic'];
}
