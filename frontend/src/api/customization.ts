/** Changing the data model: a draft of changes, its impact, publish and roll back. */
import { get, post, remove } from './client';

import type { Entity, RuleAction } from './metadata';
import type { Filter } from './types';

export type ChangeKind = 'object' | 'attribute' | 'option_list' | 'override' | 'form' | 'view' | 'rule' | 'behaviour' | 'relationship' | 'reasons';
export type ChangeOperation = 'create' | 'update' | 'delete';

export interface OptionDefinition {
  value?: number;
  label: string;
  labels?: Record<string, string>;
  color: string | null;
  active?: boolean;
  /** Deleted; `replacement` is what takes its place on records, null nothing, missing when nobody said. */
  removed?: boolean;
  replacement?: number | null;
  /** Of a status reason: the state it stands under, and whether it is what records get there at first. */
  state?: string;
  default?: boolean;
}

export interface AttributeDefinition {
  label?: string;
  labels?: Record<string, string>;
  type?: string;
  required?: boolean;
  recommended?: boolean;
  format?: string | null;
  max_length?: number | null;
  precision?: number | null;
  min?: number | string | null;
  max?: number | string | null;
  options?: OptionDefinition[];
  targets?: string[];
  help?: string;
  default?: unknown;
  searchable?: boolean;
  unique?: boolean;
  on_delete?: 'remove_link' | 'restrict' | 'cascade';
  /** Of an automatic number: prefix, parts of the date, least digits, random characters, first or raised next number. */
  prefix?: string;
  date_part?: string | null;
  digits?: number | null;
  suffix?: number;
  next_number?: number;
  /** Of a calculated field: the expression, and what it gives (the server says). */
  expression?: string;
  result?: string;
  currency?: string | null;
  /** Of a roll-up: what is taken of which related records. */
  function?: string;
  relationship?: string;
  measure?: string | null;
  filter?: Filter | null;
  /** Name of a shared list the options come from. */
  option_list?: string;
}

/** What is changed of a delivered field; what is missing is as delivered. */
export interface OverrideDefinition {
  label?: string;
  labels?: Record<string, string>;
  help?: string;
  helps?: Record<string, string>;
  required?: boolean;
  recommended?: boolean;
}

export interface ObjectDefinition {
  label?: string;
  label_plural?: string;
  primary_label?: string;
  labels?: Record<string, string>;
  labels_plural?: Record<string, string>;
  ownership?: string;
  icon?: string | null;
  color?: string | null;
  description?: string;
  features?: string[];
}

export interface FormSectionDefinition {
  label: string;
  labels?: Record<string, string>;
  columns: number;
  attributes: string[];
}

/** A designed form: of everybody (`main`) or of one role. */
export interface FormDefinition {
  tabs: { label: string; labels?: Record<string, string>; sections: FormSectionDefinition[] }[];
  header?: string[];
  related?: string[];
  quick_create?: string[];
}

/** A standard view as it is published; a delivered one that was taken away is only `hidden`. */
export interface ViewDefinition {
  label: string;
  labels?: Record<string, string>;
  columns: { name: string; width?: number }[];
  filter: Filter | null;
  order: string[];
  default?: boolean;
  layout?: string;
  board_attribute?: string | null;
  hidden?: boolean;
  position?: number;
}

/** A business rule as it is defined (PLT-10). */
export interface RuleDefinition {
  label: string;
  labels?: Record<string, string>;
  when: Filter | null;
  then: RuleAction[];
  active?: boolean;
  position?: number;
}

/** What acts on a record do to those that refer to it (PLT-20). */
export interface BehaviourDefinition {
  label?: string;
  assign: string;
  share: string;
  unshare: string;
  reparent: string;
  delete: string;
}

/** A many-to-many relationship (PLT-6); an object related to itself may have one list for both ends. */
export interface RelationshipDefinition {
  label: string;
  labels?: Record<string, string>;
  target: string;
  reverse_label: string | null;
  reverse_labels?: Record<string, string>;
}

export interface ChangeBody {
  kind: ChangeKind;
  operation: ChangeOperation;
  object: string | null;
  name: string | null;
  definition: AttributeDefinition | OverrideDefinition | ObjectDefinition | FormDefinition | ViewDefinition | RuleDefinition | BehaviourDefinition | RelationshipDefinition | Record<string, unknown>;
}

export interface Change extends ChangeBody {
  id: string;
  summary?: string;
}

export interface Problem {
  change?: string | null;
  code?: string;
  message: string;
}

export interface HistoryEntry {
  version: number | string;
  published_at: string;
  by: { id: string; name: string } | string | null;
  summary: string | string[] | null;
  /** The version that was returned to; 0 is as delivered. */
  restored_from?: number | null;
}

export interface Customization {
  published_version: number | string;
  /** What managed solutions brought and do not let change here. */
  locked?: { kind: string; object: string | null; name: string; solution: string }[];
  /** What automatic numbers give next, by `object.attribute`; missing where none was given yet. */
  next_numbers?: Record<string, number>;
  /** What is published, as it was defined: more than the entity tells, such as what happens when a link's target goes. */
  body?: {
    attributes?: Record<string, (AttributeDefinition & { name: string })[]>;
    option_lists?: Record<string, OptionDefinition[]>;
    overrides?: Record<string, Record<string, OverrideDefinition>>;
    forms?: Record<string, Record<string, FormDefinition>>;
    views?: Record<string, Record<string, ViewDefinition>>;
    rules?: Record<string, Record<string, RuleDefinition>>;
    relationships?: Record<string, Record<string, RelationshipDefinition>>;
    reasons?: Record<string, Record<string, { options: OptionDefinition[] }>>;
  };
  draft: { changes: Change[]; problems: (Problem | string)[] };
  history: HistoryEntry[];
}

/** Where something is used: a view, a form, a rule, another field. */
export interface Use {
  kind: string;
  name: string;
  object?: string;
  label?: string;
  blocking?: boolean;
}

/** Options a list loses, with the records that have them, and what can take their place. */
export interface RemovedOptions {
  /** The shared list's name, or `object.field`. */
  list: string;
  label: string;
  required: boolean;
  options: { value: number; label: string; records: number; group?: string; replacement?: number | null }[];
  /** What can take their place; with a `group` only for one of the same group, the state of status reasons. */
  staying: { value: number; label: string; group?: string }[];
}

/** Who has which option of a published list. */
export interface OptionsInUse {
  list: string;
  label: string;
  required: boolean;
  options: { value: number; label: string; records: number; fixed: boolean; used_in: Use[] }[];
}

/** An option list several fields share, as the draft would have it. */
export interface SharedList {
  name: string;
  /** In the reader's language; `plain_label` is an own list's name as it was entered. */
  label: string;
  plain_label: string | null;
  labels: Record<string, string>;
  /** Made by this workspace. */
  custom: boolean;
  draft: 'new' | 'changed' | 'deleted' | null;
  options: OptionDefinition[];
  used_by: { object: string; object_label: string; name: string; label: string }[];
}

/** What takes the place of deleted options, by list and option. */
export type Replacements = Record<string, Record<string, number | null>>;

export interface Impact {
  changes: (Change & { summary: string; used_in: Use[]; records?: number; blocking: boolean; removed?: RemovedOptions | null })[];
  problems: (Problem | string)[];
}

export const readCustomization = (signal?: AbortSignal) => get<Customization>('/customization', undefined, signal);
export const addChange = (body: ChangeBody) => post<Change>('/customization/changes', body);
export const dropChange = (id: string) => remove(`/customization/changes/${encodeURIComponent(id)}`);
export const readImpact = (signal?: AbortSignal) => get<Impact>('/customization/impact', undefined, signal);
export const publishDraft = () => post<HistoryEntry>('/customization/publish');
export const rollBack = (version: number | string, replacements?: Replacements) => post<HistoryEntry>('/customization/rollback', { version, ...(replacements ? { replacements } : {}) });
export const readOptionsInUse = (name: string, object: string | null, signal?: AbortSignal) => get<OptionsInUse>('/customization/options', { name, ...(object ? { object } : {}) }, signal);
export const readSharedLists = (signal?: AbortSignal) => get<{ lists: SharedList[] }>('/customization/option_lists', undefined, signal).then((answer) => answer.lists);
export const discardDraft = () => post<unknown>('/customization/discard');
/** An object as the draft would have it, also one that was never published. */
export const readDraftEntity = (object: string, signal?: AbortSignal) => get<Entity>(`/metadata/objects/${encodeURIComponent(object)}`, { draft: true }, signal);
/** An object with the form of a role (`main`: of everybody else), whatever role the caller has. */
export const readEntityForm = (object: string, form: string, signal?: AbortSignal) => get<Entity>(`/metadata/objects/${encodeURIComponent(object)}`, { form }, signal);

export interface DifferenceDetail {
  part: string;
  old?: unknown;
  new?: unknown;
  added?: string[];
  removed?: string[];
  moved?: boolean;
}

export interface Difference {
  kind: ChangeKind;
  operation: ChangeOperation;
  object: string | null;
  name: string;
  label: string;
  /** Parts of the definition that differ. */
  parts: string[];
  /** How they differ, in names people know. */
  details: DifferenceDetail[];
}

/** What a version changed against the one before it, or against `against`. */
export const readDifferences = (version: number | string, signal?: AbortSignal) => get<{ version: number; against: number; differences: Difference[] }>(`/customization/versions/${version}`, undefined, signal);
