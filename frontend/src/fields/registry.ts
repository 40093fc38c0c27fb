import type { AttributeTypeName } from '@/metadata/types';
import { auto } from './auto';
import { bool } from './bool';
import { customer } from './customer';
import { date } from './date';
import { datetime } from './datetime';
import { dec } from './dec';
import { duration } from './duration';
import { file } from './file';
import { filter } from './filter';
import { float } from './float';
import { int } from './int';
import { lookup } from './lookup';
import { memo } from './memo';
import { money } from './money';
import { multi } from './multi';
import { owner } from './owner';
import { parties } from './parties';
import { pick } from './pick';
import { regarding } from './regarding';
import { state } from './state';
import { statusReason } from './statusReason';
import { LazyFilter, LazyInput } from './lazyInputs';
import { text } from './text';
import type { FieldAttribute, FieldBase, FieldType } from './types';

const BASES: Record<AttributeTypeName, FieldBase> = {
  text, memo, int, dec, float, money, bool, pick, multi, date, datetime, duration, lookup, customer, regarding, owner, parties, file, filter, auto, state,
  status_reason: statusReason,
};

const FIELDS = Object.fromEntries(Object.entries(BASES).map(([type, base]) => [type, { ...base, Input: LazyInput, Filter: LazyFilter }])) as Record<AttributeTypeName, FieldType>;

/** The field of an attribute's type; a type this version does not know is shown as text. */
export function fieldOf(attribute: Pick<FieldAttribute, 'type'>): FieldType {
  return FIELDS[attribute.type] ?? FIELDS.text;
}
