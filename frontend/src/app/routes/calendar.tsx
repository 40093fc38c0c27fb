import { CalendarPage } from '@/records/calendar/CalendarPage';
import { useUrlSearch } from './urlSearch';

/** `/calendar`: the activities of all kinds in one calendar. */
export default function CalendarRoute() {
  const [search, setSearch] = useUrlSearch();
  return <CalendarPage search={search} setSearch={setSearch} />;
}
