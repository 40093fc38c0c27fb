/** An action's parameters as the attributes the fields understand. */
import type { ActionParameter } from '@/api/metadata';
import type { FullRecord, Ref } from '@/api';
import { isEmpty, validateValue, writeValue, type FieldAttribute } from '@/fields';
import { attributeOf, type Action, type Entity } from '@/metadata';

/** A parameter in the shape fields take. */
export function parameterAttribute(parameter: ActionParameter): FieldAttribute {
  return {
    name: parameter.name,
    label: parameter.label,
    type: parameter.type,
    required: parameter.required,
    options: parameter.options ?? [],
    targets: parameter.targets ?? [],
    help: parameter.help ?? '',
    format: parameter.format ?? null,
    precision: parameter.precision ?? null,
    max_length: parameter.max_length ?? null,
  };
}

/** Reasons that belong to the state an action leads to; a reason parameter without options shows those of closed states. */
function reasonOptions(entity: Entity, record: FullRecord | null) {
  const state = record?.state;
  return entity.states
    .filter((entry) => entry.value !== state)
    .flatMap((entry) => entry.reasons.map((reason) => ({ value: reason.value, label: reason.label, color: reason.color ?? entry.color, active: reason.active !== false })));
}

/** The dialog's fields in order, with options filled in where the object knows them. */
export function parameterAttributes(entity: Entity, action: Action, record: FullRecord | null): FieldAttribute[] {
  return action.parameters.map((parameter) => {
    const attribute = parameterAttribute(parameter);
    if (attribute.type === 'status_reason') {
      return { ...attribute, type: 'pick', options: attribute.options?.length ? attribute.options : reasonOptions(entity, record) };
    }
    return attribute;
  });
}

/**
 * What the dialog starts with: the parameter's default; for an `actual_x` the record's own, else its `estimated_x`;
 * the record's owner never, because assigning to the same person is no assignment.
 */
export function startValues(entity: Entity, action: Action, record: FullRecord | null, today: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const parameter of action.parameters) {
    const { name } = parameter;
    const own = record && attributeOf(entity, name) && parameter.type !== 'owner' ? record[name] : null;
    const estimated = record && name.startsWith('actual_') ? record[name.replace('actual_', 'estimated_')] : null;
    const closing = name.startsWith('actual_') && parameter.type === 'date' ? today : null;
    const value = [parameter.default, own, closing, estimated].find((candidate) => !isEmpty(candidate));
    if (value !== undefined && parameter.type !== 'status_reason') values[name] = value;
    else if (!isEmpty(parameter.default)) values[name] = parameter.default;
  }
  return values;
}

/** The body of the request: filled parameters in write shape. */
export function parameterBody(attributes: FieldAttribute[], values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(attributes.filter((attribute) => !isEmpty(values[attribute.name])).map((attribute) => [attribute.name, writeValue(attribute, values[attribute.name])]));
}

/** What the parameters themselves forbid, by name. */
export function parameterErrors(attributes: FieldAttribute[], values: Record<string, unknown>): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const attribute of attributes) {
    const message = validateValue(attribute, values[attribute.name]);
    if (message) errors[attribute.name] = message;
  }
  return errors;
}

/** Records an action made, by what it declares to make; the one to go on with first. */
export const madeRefs = (action: Action, result: Record<string, unknown> | null): Ref[] =>
  (action.makes ?? []).flatMap((object): Ref[] => {
    const id = result?.[`${object}_id`];
    return typeof id === 'string' ? [{ object, id, name: '' }] : [];
  });
