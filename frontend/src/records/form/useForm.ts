/** The state of one form: values, what changed, errors, saving, and the draft kept while typing. */
import { isEmpty, validateValue } from '@/fields';
import { attributeOf, effectsOn, ruleMessage, settled, underRules, useSession, type Effects, type Entity } from '@/metadata';
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
  /** The record as it was read; without it the form makes a new one. Business rules look at both. */
  stored?: Values;
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
  /** What the workspace's business rules say now. */
  effects: Effects;
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
export function invalidFields(entity: Entity, names: string[], values: Values, effects: Effects, kept: ReadonlySet<string>): Record<string, string> {
  const refused: Record<string, string> = {};
  const shown = new Set([...names, ...effects.required]);
  for (const name of shown) {
    const plain = attributeOf(entity, name);
    const demanded = effects.violations.some((violation) => violation.attribute === name && violation.code === 'value.required');
    const attribute = plain && (demanded ? underRules(plain, effects) : plain);
    // Without an owner the server takes the caller.
    if (!attribute || attribute.read_only || effects.hidden.includes(name) || (attribute.type === 'owner' && !values[name])) continue;
    // What stands there and is not touched is the server's: an import may know numbers and addresses a form would not take.
    if (kept.has(name) && !isEmpty(values[name])) continue;
    const message = validateValue(attribute, values[name]);
    if (message) refused[name] = message;
  }
  return refused;
}

/** What rules refuse in their own words: at a field of the form, else above it. */
function refusals(entity: Entity, names: string[], effects: Effects): { fields: Record<string, string>; general: string[] } {
  const found: { fields: Record<string, string>; general: string[] } = { fields: {}, general: [] };
  for (const violation of effects.violations) {
    const message = ruleMessage(entity.rules ?? [], violation);
    if (!message) continue;
    if (violation.attribute && names.includes(violation.attribute)) found.fields[violation.attribute] ??= message;
    else found.general.push(message);
  }
  return found;
}

/** Values typed into a form. Starts again when `initial` is another object; unsent values of an earlier visit return. */
export function useForm({ entity, initial: given, names, stored, draftSubject }: FormOptions): FormState {
  const before = stored ?? null;
  const session = useSession();
  const initial = useMemo(() => (before ? given : settled(entity, given, null, [], session)), [entity, given, before, session]);
  const key = draftSubject ? draftKey({ workspace: session.workspace.slug, user: session.user.id }, draftSubject) : null;
  const [draft] = useState(() => (key ? readDraft<Values>(key) : undefined));
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...draft?.value }));
  const [errors, setErrors] = useState<FormErrors>(NO_ERRORS);
  const [saving, setSaving] = useState(false);
  const [restoredAt, setRestoredAt] = useState(draft ? draft.at : null);
  const [draftKept, setDraftKept] = useState(true);
  const changed = useMemo(() => changedValues(entity, initial, values), [entity, initial, values]);
  const dirty = Object.keys(changed).length > 0;
  const effects = useMemo(() => effectsOn(entity, { ...before, ...values }, { before, changed: Object.keys(changed), maker: session }), [entity, before, values, changed, session]);
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
    setValues((now) => settled(entity, { ...now, [name]: value }, before, effectsOn(entity, { ...before, ...now }, { before, maker: session }).holding, session));
    setErrors((before) => {
      if (!(name in before.fields)) return before;
      return { ...before, fields: Object.fromEntries(Object.entries(before.fields).filter(([field]) => field !== name)) };
    });
  }, [entity, before, session]);

  const reset = useCallback(() => {
    forget();
    setValues(initial);
    setErrors(NO_ERRORS);
    setRestoredAt(null);
  }, [forget, initial]);

  const submit = async (send: (changed: Values) => Promise<unknown>): Promise<boolean> => {
    const ruled = refusals(entity, names, effects);
    const kept = new Set(before ? names.filter((name) => !(name in changed)) : []);
    const refused = { ...ruled.fields, ...invalidFields(entity, names, values, effects, kept) };
    if (Object.keys(refused).length || ruled.general.length) {
      setErrors({ fields: refused, general: ruled.general, requestId: null });
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

  return { entity, initial, values, changed, dirty, errors, effects, saving, restoredAt, draftKept, set, setErrors, reset, submit };
}
