/** The inputs of all types: one chunk, fetched with the first form, filter or edited cell. */
import type { AttributeTypeName } from '@/metadata/types';
import type { Inputs } from '../types';
import { auto } from './auto';
import { bool } from './bool';
import { date } from './date';
import { datetime } from './datetime';
import { duration } from './duration';
import { file } from './file';
import { filter } from './filter';
import { memo } from './memo';
import { multi } from './multi';
import { dec, float, int, money } from './numeric';
import { parties } from './parties';
import { pick } from './pick';
import { customer, lookup, owner, regarding } from './references';
import { state } from './state';
import { statusReason } from './statusReason';
import { text } from './text';

export { LookupPicker } from './LookupPicker';

export const inputs: Record<AttributeTypeName, Inputs> = {
  text, memo, int, dec, float, money, bool, pick, multi, date, datetime, duration, lookup, customer, regarding, owner, parties, file, filter, auto, state,
  status_reason: statusReason,
};
