/** The state of one form: values, what changed, errors, saving, and the draft kept while typing. */
import { validateValue } from '@/fields';
import { attributeOf, useSession, type Entity } from '@/metadata';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { draftKey, dropDraft, keepDraft, readDraft } from './drafts';
import { formErrors, NO_ERRORS, type FormErrors } from './errors';
import { changedValues, type Values } from './values';

const DRAFT_DELAY_MS = 400;

export interface FormOptions {
  entity: Entity;
  /** What the form starts with: the record as it was read, or the defaults of a new one. */
  initial: Values;
  /** Attributes the form shows; errors of others are shown above it. */
  names: string[];
  /** What the draft is kept under, such as `account:ID`; without it nothing is kept. */
  draftSubject?: string;
}

export interface FormState {
  entity: Entity;
  initial: Values;
  values: Values;
  /** What differs from the start; what a save sends. */
  changed: Values;
  dirty: boolean;
  errors: FormErrors;
  saving: boolean;
  /** When a draft from an earlier visit was put back; milliseconds. */
  restoredAt: number | null;
  /** False when the browser refuses to keep a draft, so leaving would lose it. */
  draftKept: boolean;
  set: (name: string, value: unknown) => void;
  setErrors: (errors: FormErrors) => void;
  /** Back to the start, and forget the draft. */
  reset: () => void;
  /**
   * Check what the attributes forbid, then run `send` with the changed values. Errors land at their fields.
   *
   * @returns true when it was saved
   */
  submit: (send: (changed: Values) => Promise<unknown>) => Promise<boolean>;
}

/** What the attributes themselves forbid, before anything is sent. */
function invalidFields(entity: Entity, names: string[], values: Values): Record<string, string> {
  const refused: Record<string, string> = {};
  for (const name of names) {
    const attribute = attributeOf(entity, name);
    // Without an owner the server takes the caller.
    if (!attribute || attribute.read_only || (attribute.type === 'owner' && !values[name])) continue;
    const message = validateValue(attribute, values[name]);
    if (message) refused[name] = message;
  }
  return refused;
}

/** Values typed into a form. Starts again when `initial` is another object; unsent values of an earlier visit return. */
export function useForm({ entity, initial, names, draftSubject }: FormOptions): FormState {
  const session = useSession();
  const key = draftSubject ? draftKey({ workspace: session.workspace.slug, user: session.user.id }, draftSubject) : null;
  const [draft] = useState(() => (key ? readDraft<Values>(key) : undefined));
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...draft?.value }));
  const [errors, setErrors] = useState<FormErrors>(NO_ERRORS);
  const [saving, setSaving] = useState(false);
  const [restoredAt, setRestoredAt] = useState(draft ? draft.at : null);
  const [draftKept, setDraftKept] = useState(true);
  const changed = useMemo(() => changedValues(entity, initial, values), [entity, initial, values]);
  const dirty = Object.keys(changed).length > 0;
  const finished = useRef(false);

  useEffect(() => {
    if (!key || finished.current) return;
    const timer = setTimeout(() => {
      if (dirty) setDraftKept(keepDraft(key, changed));
      else dropDraft(key);
    }, DRAFT_DELAY_MS);
    return () => clearTimeout(timer);
  }, [key, dirty, changed]);

  const forget = useCallback(() => {
    finished.current = true;
    if (key) dropDraft(key);
  }, [key]);

  const set = useCallback((name: string, value: unknown) => {
    finished.current = false;
    setValues((before) => ({ ...before, [name]: value }));
    setErrors((before) => {
      if (!(name in before.fields)) return before;
      return { ...before, fields: Object.fromEntries(Object.entries(before.fields).filter(([field]) => field !== name)) };
    });
  }, []);

  const reset = useCallback(() => {
    forget();
    setValues(initial);
    setErrors(NO_ERRORS);
    setRestoredAt(null);
  }, [forget, initial]);

  const submit = async (send: (changed: Values) => Promise<unknown>): Promise<boolean> => {
    const refused = invalidFields(entity, names, values);
    if (Object.keys(refused).length) {
      setErrors({ fields: refused, general: [], requestId: null });
      return false;
    }
    setSaving(true);
    setErrors(NO_ERRORS);
    try {
      await send(changed);
      forget();
      return true;
    } catch (error) {
      setErrors(formErrors(error, names));
      return false;
    } finally {
      setSaving(false);
    }
  };

  return { entity, initial, values, changed, dirty, errors, saving, restoredAt, draftKept, set, setErrors, reset, submit };
}
