import type { Attribute } from '@/metadata';
import { defaultOperator } from './operators';
import { newCondition, type Condition } from './tree';

/** A new condition on an attribute, with its usual operator and, for yes/no, "yes". */
export const conditionOn = (path: string, attribute: Attribute): Condition =>
  newCondition(path, defaultOperator(attribute), attribute.type === 'bool' && attribute.operators.includes('eq') ? true : undefined);
