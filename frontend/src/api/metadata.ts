/** The description of a workspace's objects: what the screens are made from (deploy/docs/api.md, Metadata). */
import type { Filter } from './types';

export type AttributeTypeName =
  | 'text'
  | 'memo'
  | 'int'
  | 'dec'
  | 'float'
  | 'money'
  | 'bool'
  | 'pick'
  | 'multi'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'lookup'
  | 'customer'
  | 'regarding'
  | 'owner'
  | 'parties'
  | 'file'
  | 'auto'
  | 'state'
  | 'status_reason'
  | 'filter';

/** One of the twelve named pairs of src/ui/colors.ts. */
export type ColorName = string;

export interface Option {
  value: number;
  label: string;
  color: ColorName | null;
  active: boolean;
}

export interface Attribute {
  name: string;
  /** Which records of its target may be chosen, where not all of them may. */
  narrow?: Filter;
  label: string;
  type: AttributeTypeName;
  required: boolean;
  recommended: boolean;
  read_only: boolean;
  create_only: boolean;
  searchable: boolean;
  filterable: boolean;
  sortable: boolean;
  custom: boolean;
  secured: boolean;
  max_length: number | null;
  format: string | null;
  precision: number | null;
  min: number | string | null;
  max: number | string | null;
  default: unknown;
  help: string;
  targets: string[];
  options: Option[];
  /** Options that were deleted: old entries still show their names. */
  former_options?: Option[];
  operators: string[];
  aggregates: string[];
  system: boolean;
  /** Computed while reading: no rule can look at it. */
  derived?: boolean;
  /** Kept over related records and renewed hourly or on demand; `<name>_at` says of when it is. */
  roll_up?: boolean;
  /** The shared list the options come from. */
  option_list?: string | null;
  /** The roll-up whose moment this attribute is. */
  moment_of?: string | null;
  /** How many members a list has; lists of lists do not know it of those whose members a filter finds. */
  counts_members?: boolean;
  /** Of references only. */
  behaviour?: Behaviour;
  /** The parent in the object's own tree. */
  hierarchy?: boolean;
}

/** Which acts on the record referred to reach records with this reference (PLT-20). */
export interface Behaviour {
  kind: string;
  assign: string;
  share: string;
  unshare: string;
  reparent: string;
  delete: string;
  /** The product lives by it: not to be changed. */
  fixed: boolean;
  /** Whether the records have owners, so that they can follow. */
  owned: boolean;
}

export interface StateReason {
  value: number;
  label: string;
  default?: boolean;
  /** Its own colour, else that of its state. */
  color?: ColorName | null;
  /** False when it can no longer be chosen. */
  active?: boolean;
  /** Rules of the product name it. */
  fixed?: boolean;
}

export interface State {
  value: string;
  label: string;
  closed: boolean;
  color: ColorName | null;
  reasons: StateReason[];
}

export interface Relationship {
  name: string;
  label: string;
  object: string;
  attribute: string;
  kind: string;
  delete: string;
  /** parental, referential, referential_restrict or configurable. */
  behaviour?: string;
  /** Of many-to-many ones: the definition, and the name of the list on the other record. */
  link?: string;
  reverse?: string;
  /** Links come and go by the actions of the other object alone. */
  managed?: boolean;
}

/** How records of an object are lists of other records. */
export interface Collects {
  /** The option attribute that says of which object; `objects` has the object of each option. */
  of: string;
  objects: Record<string, string>;
  kind: string;
  /** The option of `kind` for lists by filter. */
  dynamic: number;
  filter: string;
}

export interface ActionParameter {
  name: string;
  label: string;
  type: AttributeTypeName;
  required: boolean;
  options?: Option[];
  targets?: string[];
  default?: unknown;
  help?: string;
  format?: string | null;
  precision?: number | null;
  max_length?: number | null;
}

export interface Action {
  name: string;
  label: string;
  states: string[];
  privilege: string;
  scope: 'record' | 'collection';
  primary: boolean;
  destructive: boolean;
  icon: string | null;
  /** Objects it may create, the one to go on with first; the result names them `<object>_id`. */
  makes?: string[];
  parameters: ActionParameter[];
  help?: string;
}

export interface FormSection {
  label: string;
  columns: number;
  attributes: string[];
}

export interface FormTab {
  label: string;
  sections: FormSection[];
}

export interface MainForm {
  tabs: FormTab[];
  related: string[];
  header: string[];
  path: string | null;
}

export interface ViewColumn {
  name: string;
  width?: number;
}

export type Layout = 'table' | 'board' | 'calendar';

export interface View {
  id: string;
  name: string;
  kind: string;
  object: string;
  is_default: boolean;
  layout: Layout;
  columns: ViewColumn[];
  filter: Filter | null;
  order: string[];
  group_by: string | null;
  board_attribute: string | null;
  editable: boolean;
  owner: { id: string; name: string } | string | null;
  shared_with?: 'me' | 'teams' | 'everyone';
  teams?: string[];
  broken?: string[];
  /** Of standard views: the name in the published body, whether it was made here, whether it differs from the delivered one. */
  key?: string;
  custom?: boolean;
  changed?: boolean;
}

export interface Board {
  attribute: string;
  sum: string | null;
  weighted: string | null;
  card: string[];
  filter: Filter | null;
  drop: { action: string; label: string }[];
}

/** What a business rule does while its condition holds; `show` hides a field until then (PLT-10). */
export interface RuleAction {
  action: 'require' | 'recommend' | 'show' | 'hide' | 'lock' | 'set' | 'default' | 'error';
  attribute: string | null;
  value?: unknown;
  message?: string;
  messages?: Record<string, string>;
}

export interface BusinessRule {
  key: string;
  label?: string;
  when: Filter | null;
  then: RuleAction[];
}

/** The whole description of one object. */
export interface Entity {
  /** Last labels of own fields that are gone, by name. */
  former?: Record<string, string>;
  name: string;
  plural: string;
  label: string;
  label_plural: string;
  icon: string | null;
  color: ColorName | null;
  custom: boolean;
  group: string;
  ownership: string;
  primary_attribute: string;
  is_activity: boolean;
  /** False for objects people reach through their parent only. */
  in_navigation?: boolean;
  features: string[];
  attributes: Attribute[];
  states: State[];
  relationships: Relationship[];
  /** Activities and notes about records, for conditions on them. */
  related_activities?: Pick<Relationship, 'name' | 'label' | 'object'>[];
  /** The attribute that makes a tree of the records; conditions may say "below" and "above" then. */
  parent_attribute?: string | null;
  /** Records are lists of other records. */
  collects?: Collects | null;
  /** The object whose records can be lists of these. */
  collected_in?: { object: string; label: string; attribute: string; value: number } | null;
  /** Records are people: what is held on one can be handed out and erased. */
  person?: boolean;
  actions: Action[];
  forms: { main: MainForm; quick_create: string[] };
  views: View[];
  /** Rules of the workspace; older documents have none. */
  rules?: BusinessRule[];
  board: Board | null;
  calendar: { start: string; end: string | null } | null;
  duplicates: string[][];
}

export type Privilege = 'create' | 'read' | 'write' | 'delete' | 'assign' | 'import' | 'export';

/** What the session tells about every object: enough for navigation, palette and permissions. */
export interface ObjectSummary {
  name: string;
  plural: string;
  label: string;
  label_plural: string;
  icon: string | null;
  color: ColorName | null;
  custom: boolean;
  group: string;
  /** False for parts of other objects, such as lines: they have no page of their own in the navigation. */
  in_navigation?: boolean;
  is_activity?: boolean;
  features: string[];
  privileges: Partial<Record<Privilege, boolean>>;
}

export interface SessionUser {
  id: string;
  name: string;
  email: string;
  language: string | null;
  time_zone: string | null;
  date_format: string | null;
  /** First day of the week, Monday 1 … Sunday 7: as chosen, else as it is usual in the country. */
  week_start?: number;
  theme: 'light' | 'dark' | 'auto' | null;
  is_admin: boolean;
}

export interface Workspace {
  name: string;
  slug: string;
  currency: string;
  language: string;
  time_zone: string;
  country: string | null;
  /** Month the fiscal year begins in, 1 … 12. */
  fiscal_start?: number;
  state: string;
  /** The error code with which changes are refused now; null when they are allowed. */
  read_only?: string | null;
  /** What happens next when nothing is paid, and when (ISO). */
  next_state?: string | null;
  next_state_at?: string | null;
  /** A payment the customer's bank is asked to take back, or took back. */
  dispute?: 'open' | 'lost' | null;
  trial_ends_at: string | null;
  plan: string | null;
  product_name: string;
  sample_data: boolean;
  /** Whether this is a copy for trying things. */
  sandbox?: boolean;
}

export interface Session {
  user: SessionUser;
  workspace: Workspace;
  metadata_version: string;
  objects: ObjectSummary[];
  capabilities: string[];
  csrf_token: string;
  preferences?: Record<string, unknown>;
  /** Set while an administrator views as this user. */
  view_as?: { by: string; until: string } | null;
  /** An operator of the provider sits in this session, by consent. */
  support?: { operator: string; until: string; may_write: boolean } | null;
}
