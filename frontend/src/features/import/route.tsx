import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ImportsPage } from './ImportsPage';
import { Wizard } from './Wizard';

/** `/import` lists imports and takes a new file; `/import/ID?step=` is one import, resumable from its address. */
export default function ImportRoute() {
  const { _splat } = useParams({ strict: false }) as { _splat?: string };
  const search = useSearch({ strict: false }) as { step?: string; object?: string };
  const navigate = useNavigate();
  const id = _splat?.split('/')[0];
  if (!id) return <ImportsPage object={search.object ?? null} onOpen={(next, step) => void navigate({ to: `/import/${next}`, search: step ? { step } : {} })} />;
  return <Wizard key={id} id={id} step={search.step ?? null} onStep={(step) => void navigate({ to: '.', search: step ? { step } : {} })} onLeave={() => void navigate({ to: '/import' })} />;
}
