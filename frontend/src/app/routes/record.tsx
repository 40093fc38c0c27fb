import { useParams } from '@tanstack/react-router';

import { useEntity, useObject } from '@/metadata';
import { RecordPage } from '@/records/record/RecordPage';
import { ErrorState } from '@/ui/states';
import { useUrlSearch } from './urlSearch';

function Known({ object, id }: { object: string; id: string }) {
  const entity = useEntity(object);
  const [search, setSearch] = useUrlSearch();
  return <RecordPage key={id} entity={entity} id={id} search={search} setSearch={setSearch} />;
}

/** `/accounts/ID`: one record. */
export default function RecordRoute() {
  const { objects, id } = useParams({ strict: false }) as { objects: string; id: string };
  const object = useObject(objects);
  return object ? <Known object={object.name} id={id} /> : <ErrorState error={{ status: 404 }} />;
}
