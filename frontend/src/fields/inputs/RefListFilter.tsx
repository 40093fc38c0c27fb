import { Pill } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';

import { readRecord } from '@/api/records';
import type { Ref } from '@/api/types';
import { pluralOf, recordName, useMaybeEntity, useSession } from '@/metadata';
import classes from '../fields.module.css';
import { LookupPicker } from './LookupPicker';
import type { FilterProps } from '../types';

const asIds = (value: unknown): string[] => (Array.isArray(value) ? value : value == null || value === '' ? [] : [value]).map((entry) => (typeof entry === 'object' && entry && 'id' in entry ? String(entry.id) : String(entry)));

/** Names of filtered records: a filter keeps ids only, so names are read once and kept. */
function useNames(targets: string[], ids: string[]): Record<string, Ref> {
  const session = useSession();
  const entity = useMaybeEntity(targets.length === 1 ? targets[0] : null);
  const results = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['reference-name', targets, id],
      staleTime: 300_000,
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Ref | null> => {
        for (const object of targets) {
          try {
            const record = await readRecord(pluralOf(session, object), id, [], signal);
            const name = entity ? recordName(entity, record) : String(record.name ?? record.full_name ?? record.topic ?? record.subject ?? id.slice(0, 8));
            return { object, id, name };
          } catch (error) {
            if (signal.aborted) throw error;
            // Not of this object: the next target may have it.
          }
        }
        return null;
      },
    })),
  });
  return Object.fromEntries(results.flatMap((result, index) => (result.data ? [[ids[index]!, result.data]] : [])));
}

/** One or several records as the value of a condition. */
export function RefListFilter({ attribute, operator, value, onChange, autoFocus, targets }: FilterProps & { targets: string[] }) {
  const ids = asIds(value);
  const names = useNames(targets, ids);
  const many = operator === 'in' || operator === 'not_in';
  const frame = { size: 'sm', 'aria-label': attribute.label, autoFocus };
  if (!many) {
    const ref = ids[0] ? (names[ids[0]] ?? { object: targets[0] ?? '', id: ids[0], name: '…' }) : null;
    return <LookupPicker label={attribute.label} frame={frame} targets={targets} narrow={attribute.narrow} value={ref} onChange={(next) => onChange(next?.id ?? null)} />;
  }
  return (
    <div>
      <div className={classes.chips} style={{ marginBottom: ids.length ? 6 : 0 }}>
        {ids.map((id) => (
          <Pill key={id} size="sm" withRemoveButton onRemove={() => onChange(ids.filter((entry) => entry !== id))}>
            {names[id]?.name ?? '…'}
          </Pill>
        ))}
      </div>
      <LookupPicker label={attribute.label} frame={frame} targets={targets} narrow={attribute.narrow} value={null} keepOpen onChange={(next) => next && !ids.includes(next.id) && onChange([...ids, next.id])} />
    </div>
  );
}

