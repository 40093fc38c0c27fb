import { useParams } from '@tanstack/react-router';

import { useEntity, useObject } from '@/metadata';
import { ListPage } from '@/records/list/ListPage';
import { ErrorState } from '@/ui/states';
import { useUrlSearch } from './urlSearch';

function Known({ object }: { object: string }) {
  const entity = useEntity(object);
  const [search, setSearch] = useUrlSearch();
  return <ListPage key={entity.name} entity={entity} search={search} setSearch={setSearch} />;
}

/** `/accounts`: the list, board or calendar of an object. */
export default function ObjectListRoute() {
  const { objects } = useParams({ strict: false }) as { objects: string };
  const object = useObject(objects);
  return object ? <Known object={object.name} /> : <ErrorState error={{ status: 404 }} />;
}
