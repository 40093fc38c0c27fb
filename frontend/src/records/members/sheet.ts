/** What is said of lists in the description of their object. */
import type { Filter } from '@/api';
import { useMaybeEntity, type Collects, type Entity } from '@/metadata';
import { MEMBER_OF } from '../filter/paths';

/** The condition of being a member of a list. */
export const inList = (id: string): Filter => ({ attribute: MEMBER_OF, operator: 'in', value: [id] });

/** The option of a list's type for lists of records of `object`. */
export const optionFor = (collects: Collects, object: string): number => Number(Object.entries(collects.objects).find(([, name]) => name === object)?.[0]);

/** The object of lists of records of `entity`, with how it says what is on them; undefined while unknown or hidden. */
export function useListsOf(entity: Entity): { lists: Entity; collects: Collects } | undefined {
  const lists = useMaybeEntity(entity.collected_in?.object);
  return lists?.collects ? { lists, collects: lists.collects } : undefined;
}
