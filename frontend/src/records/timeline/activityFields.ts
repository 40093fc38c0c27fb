/** Which attributes of an activity are asked for when it is written from a record. */
import { attributeOf, type Entity } from '@/metadata';
import { quickCreateNames } from '../form/layout';

/** Known from where one is, or set by the server. */
const GIVEN = new Set(['regarding', 'owner', 'parties', 'state', 'status_reason']);
const SCHEDULE = new Set(['scheduled_start', 'scheduled_end']);

/**
 * The attributes in the order of quick create, with the description last.
 *
 * @param done the activity happened already: it has no plan
 */
export function activityNames(entity: Entity, done: boolean): string[] {
  const names = quickCreateNames(entity).filter((name) => !GIVEN.has(name) && !(done && SCHEDULE.has(name)));
  const more = attributeOf(entity, 'description') && !names.includes('description') ? ['description'] : [];
  return [...names, ...more];
}

/** Calls are mostly written down afterwards, everything else is planned. */
export const usuallyDone = (object: string): boolean => object === 'phone_call';
