import { refusalText, t } from '@/i18n';

/** One field's problem inside `validation.failed`. */
export interface FieldError {
  code: string;
  message: string;
  field: string | null;
}

/** An answer of the API that is not a success (deploy/docs/api.md, Conventions). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  readonly details: Record<string, unknown>;
  readonly requestId: string | null;

  constructor(
    status: number,
    body: { code: string; message: string; field?: string | null; details?: Record<string, unknown> | null; request_id?: string | null },
  ) {
    super(refusalText(body.code, body.message));
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code;
    this.field = body.field ?? null;
    this.details = body.details ?? {};
    this.requestId = body.request_id ?? null;
  }

  /** Field errors of a 422: the list in the details, or the one field of the error itself. */
  get fieldErrors(): FieldError[] {
    const listed = this.details.errors;
    if (Array.isArray(listed)) return (listed as FieldError[]).map((entry) => ({ ...entry, message: refusalText(entry.code, entry.message) }));
    return this.field ? [{ code: this.code, message: this.message, field: this.field }] : [];
  }

  /** True for 412: somebody else saved first; `details.current` is the record as it is now. */
  get isConflict(): boolean {
    return this.status === 412;
  }

  /** True when no answer came at all (offline, server gone); nothing is known about what happened. */
  get isNetwork(): boolean {
    return this.status === 0;
  }

  /** True for 403 and 404: the caller may not see it, or it is not there. */
  get isAbsentOrForbidden(): boolean {
    return this.status === 403 || this.status === 404;
  }
}

/** A text to show for anything that was thrown. */
export function errorMessage(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.isNetwork) return t('ui.error.network');
    if (error.status >= 500) return t('ui.error.server');
    const fields = error.fieldErrors.filter((entry) => entry.message && entry.message !== error.message);
    return fields.length ? fields.map((entry) => entry.message).join(' ') : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
