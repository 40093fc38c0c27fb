/** Records that look like what is being typed (CUS-10.3). */
import { findDuplicates, type DuplicateMatch } from '@/api';
import { isEmpty } from '@/fields';
import type { Entity } from '@/metadata';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { valuesToWrite, type Values } from '../form/values';

const TYPING_PAUSE_MS = 350;
const SHORTEST_TEXT = 3;

export interface Duplicates {
  matches: DuplicateMatch[];
  /** Matches the caller may not see. */
  hidden: number;
}

const NONE: Duplicates = { matches: [], hidden: 0 };

/** The typed values a rule of the object looks at; empty when no rule has all of its attributes yet. */
export function comparedValues(entity: Entity, values: Values): Values {
  const long = (value: unknown) => !isEmpty(value) && (typeof value !== 'string' || value.trim().length >= SHORTEST_TEXT);
  const rules = entity.duplicates.filter((rule) => rule.every((name) => long(values[name])));
  return Object.fromEntries([...new Set(rules.flat())].sort().map((name) => [name, values[name]]));
}

/** Look for duplicates while typing. @param id the record being edited, which never matches itself */
export function useDuplicates(entity: Entity, values: Values, id: string | null = null): Duplicates {
  const [compared] = useDebouncedValue(JSON.stringify(valuesToWrite(entity, comparedValues(entity, values))), TYPING_PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['duplicates', entity.plural, compared, id],
    queryFn: ({ signal }) => findDuplicates(entity.plural, JSON.parse(compared) as Values, id, signal),
    enabled: compared !== '{}' && entity.features.includes('duplicates'),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    // A failed search must not stand in the way of creating.
    retry: false,
  });
  return compared === '{}' ? NONE : (data ?? NONE);
}
