import { useT } from '@/i18n';
import { useRoles } from '../people/useRoles';

/** What people call a form by its key: the main form, or that of the role the key is the id of. */
export function useFormName(): (key: string | null) => string {
  const t = useT();
  const { roles } = useRoles();
  return (key) => {
    if (key === 'main') return t('draft.formMain');
    const role = roles?.find((entry) => entry.id === key);
    return role ? t('draft.formOf', { role: role.name }) : t('draft.formRole');
  };
}
