import type { Key } from '@/i18n';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';

/** Tables of an archive that are no objects. */
const PARTS = [
  'custom_record', 'organization', 'customization_versions', 'customization_draft', 'principals', 'role_assignments', 'team_members', 'shares', 'field_security_profiles', 'links', 'views',
  'duplicate_rules', 'duplicate_decisions', 'currencies', 'personal_requests', 'number_counters', 'import_maps', 'solutions', 'solution_imports', 'audit', 'stored_file',
];
/** Refusals that have a text of their own; the others say it with the server's. */
const REFUSALS = ['unreadable', 'no_manifest', 'bad_manifest', 'newer', 'older', 'too_large', 'wrong_hash', 'missing_entry', 'bad_row', 'bad_reference', 'bad_customization', 'not_equal', 'gone'];

/** The text of a refusal's code. */
export function refusal(code: string): Key | null {
  const name = code.startsWith('archive.') ? code.slice('archive.'.length) : '';
  return REFUSALS.includes(name) ? (`archive.error.${name}` as Key) : null;
}

/** What a table or object is called: by this workspace, by the archive, or by us. */
export function usePartName(labels: Record<string, string> = {}): (part: string) => string {
  const t = useT();
  const { objects } = useSession();
  return (part) => {
    const known = objects.find((object) => object.name === part)?.label_plural ?? labels[part];
    if (known) return known;
    const name = part === 'data/records.storedfile' ? 'stored_file' : (part.split('/').pop() ?? part);
    return PARTS.includes(name) ? t(`archive.part.${name}` as Key) : name;
  };
}
