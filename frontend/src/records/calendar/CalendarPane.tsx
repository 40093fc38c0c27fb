import { useMemo, type RefObject } from 'react';

import type { Entity } from '@/metadata';
import type { ListState, Search, SetSearch } from '../list/state';
import { CalendarView } from './CalendarView';

interface Props {
  entity: Entity;
  state: ListState;
  search: Search;
  setSearch: SetSearch;
  open: (id: string | null) => void;
  refreshRef: RefObject<() => void>;
}

/** The calendar layout of one object's list: its filter and search apply. */
export function CalendarPane({ entity, state, search, setSearch, open, refreshRef }: Props) {
  const entities = useMemo(() => [entity], [entity]);
  return <CalendarView entities={entities} filter={state.filter} q={state.q} whose="all" search={search} setSearch={setSearch} onOpen={(_, id) => open(id)} refreshRef={refreshRef} />;
}
