/** Where the server's refusals are shown: at the field when the form has it, above the form otherwise. */
import { ApiError, errorMessage } from '@/api';
import { t } from '@/i18n';

export interface FormErrors {
  /** Attribute name → what is wrong with it. */
  fields: Record<string, string>;
  /** What belongs to no field of this form. */
  general: string[];
  /** Reference id an operator can find. */
  requestId: string | null;
}

export const NO_ERRORS: FormErrors = { fields: {}, general: [], requestId: null };

/** The attribute of an error path such as `values.email` or `address.city`; null when the form has none of them. */
export function attributeOfPath(path: string | null, names: ReadonlySet<string>): string | null {
  if (!path) return null;
  if (names.has(path)) return path;
  return path.split('.').find((part) => names.has(part)) ?? null;
}

/** Sort what was thrown onto the fields of a form. */
export function formErrors(error: unknown, names: Iterable<string>): FormErrors {
  const known = new Set(names);
  const fields: Record<string, string> = {};
  const general: string[] = [];
  const listed = error instanceof ApiError ? error.fieldErrors : [];
  for (const entry of listed) {
    const name = attributeOfPath(entry.field, known);
    if (name) fields[name] ??= entry.message;
    else general.push(entry.message);
  }
  const gone = error instanceof ApiError && error.code === 'record.not_found';
  if (!listed.length) general.push(gone ? t('record.form.gone') : errorMessage(error));
  return { fields, general, requestId: error instanceof ApiError ? error.requestId : null };
}
