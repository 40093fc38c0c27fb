import type { QueryClient } from '@tanstack/react-query';

import { listRecords } from '@/api/records';
import type { Filter, RecordData, Ref } from '@/api/types';
import { keys } from '@/api/keys';
import { attributeOf, entityQuery, recordName, sessionQuery, type Entity } from '@/metadata';
import { fieldOf } from './registry';
import { isEmpty } from './values';

export interface Hit extends Ref {
  /** Two facts that tell namesakes apart. */
  facts: string[];
}

const HITS = 8;
const FACT_TYPES_LAST = ['bool', 'owner', 'state', 'status_reason', 'memo'];

/** Attributes that tell records of an object apart: the header's, then those of quick create. */
export function factAttributes(entity: Entity): string[] {
  const wanted = [...(entity.forms.main.header ?? []), ...(entity.forms.quick_create ?? [])];
  return [...new Set(wanted)].filter((name) => {
    const attribute = attributeOf(entity, name);
    return name !== entity.primary_attribute && attribute && !FACT_TYPES_LAST.includes(attribute.type);
  }).slice(0, 4);
}

function hitOf(entity: Entity, row: RecordData, facts: string[]): Hit {
  const texts = facts
    .map((name) => {
      const attribute = attributeOf(entity, name)!;
      return isEmpty(row[name]) ? '' : fieldOf(attribute).format(row[name], attribute, { record: row, entity });
    })
    .filter(Boolean);
  return { object: entity.name, id: row.id, name: recordName(entity, row), facts: texts.slice(0, 2) };
}

async function hitsOf(client: QueryClient, object: string, text: string, signal: AbortSignal, narrow?: Filter): Promise<Hit[]> {
  const session = await client.ensureQueryData(sessionQuery(client));
  // Objects that are hidden from the user cannot be looked up.
  if (!session.objects.some((entry) => entry.name === object) && !['user', 'team', 'business_unit'].includes(object)) return [];
  const entity = await client.ensureQueryData(entityQuery(object));
  const facts = factAttributes(entity);
  const answer = await listRecords(entity.plural, { q: text || undefined, filter: narrow, fields: [entity.primary_attribute, ...facts], limit: HITS, count: 'none' }, signal);
  return answer.rows.map((row) => hitOf(entity, row, facts));
}

/** The query of a lookup's list: records of all targets that match the text, and `narrow` where it is given. */
export const lookupQuery = (client: QueryClient, targets: string[], text: string, narrow?: Filter) => ({
  queryKey: keys.lookup(targets, text, narrow),
  staleTime: 30_000,
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const groups = await Promise.all(targets.map((object) => hitsOf(client, object, text, signal, narrow)));
    return groups.flat();
  },
});
