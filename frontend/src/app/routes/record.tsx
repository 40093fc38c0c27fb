import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';

import { keys } from '@/api/keys';
import { noteOpened } from '@/api/workspace';
import { useEntity, useObject } from '@/metadata';
import { RecordPage } from '@/records/record/RecordPage';
import { ErrorState } from '@/ui/states';
import { useUrlSearch } from './urlSearch';

function Known({ object, id }: { object: string; id: string }) {
  const entity = useEntity(object);
  const [search, setSearch] = useUrlSearch();
  const client = useQueryClient();
  useEffect(() => {
    // Only feeds the list of recent records; a record that cannot be opened says so itself.
    noteOpened(object, id).then(
      () => client.invalidateQueries({ queryKey: keys.recent }),
      () => undefined,
    );
  }, [client, object, id]);
  return <RecordPage key={id} entity={entity} id={id} search={search} setSearch={setSearch} />;
}

/** `/accounts/ID`: one record. */
export default function RecordRoute() {
  const { objects, id } = useParams({ strict: false }) as { objects: string; id: string };
  const object = useObject(objects);
  return object ? <Known object={object.name} id={id} /> : <ErrorState error={{ status: 404 }} />;
}
