/** A realistic workspace in miniature: the metadata of the mock API. */
import type { Action, Attribute, AttributeTypeName, Entity, Option, State, View } from '@/metadata/types';

const OPERATORS: Partial<Record<AttributeTypeName, string[]>> = {
  text: ['eq', 'ne', 'contains', 'not_contains', 'begins', 'ends', 'in', 'not_in', 'empty', 'not_empty'],
  memo: ['contains', 'not_contains', 'empty', 'not_empty'],
  auto: ['eq', 'ne', 'contains', 'begins', 'empty', 'not_empty'],
  bool: ['eq', 'empty', 'not_empty'],
  pick: ['eq', 'ne', 'in', 'not_in', 'empty', 'not_empty'],
  status_reason: ['eq', 'ne', 'in', 'not_in'],
  state: ['eq', 'ne', 'in', 'not_in'],
  multi: ['has_any', 'has_all', 'has_none', 'empty', 'not_empty'],
  lookup: ['eq', 'in', 'empty', 'not_empty', 'under_or_equal', 'under', 'above', 'not_under'],
  customer: ['eq', 'in', 'empty', 'not_empty'],
  regarding: ['eq', 'in', 'empty', 'not_empty'],
  owner: ['eq', 'in', 'me', 'my_reports', 'my_teams', 'my_unit', 'my_unit_and_below'],
};
const NUMBERS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'between', 'empty', 'not_empty'];
const DATES = [
  'on', 'on_or_before', 'on_or_after', 'between', 'today', 'yesterday', 'tomorrow', 'this_week', 'last_week', 'next_week', 'this_month', 'last_month',
  'next_month', 'this_quarter', 'this_year', 'last_n_days', 'last_n_weeks', 'next_n_days', 'older_than_n_days', 'older_than_n_months', 'empty', 'not_empty',
];

function operatorsOf(type: AttributeTypeName): string[] {
  if (type === 'date' || type === 'datetime') return DATES;
  return OPERATORS[type] ?? NUMBERS;
}

/** An attribute with sensible defaults. */
export function attribute(name: string, label: string, type: AttributeTypeName, more: Partial<Attribute> = {}): Attribute {
  const numeric = ['int', 'dec', 'float', 'money', 'duration'].includes(type);
  return {
    name, label, type, required: false, recommended: false, read_only: false, create_only: false, searchable: type === 'text',
    filterable: type !== 'parties' && type !== 'file', sortable: !['memo', 'multi', 'parties', 'file'].includes(type), custom: false, secured: false,
    max_length: type === 'text' ? 200 : null, format: null, precision: type === 'money' || type === 'dec' ? 2 : null, min: null, max: null, default: null,
    help: '', targets: [], options: [], operators: operatorsOf(type), aggregates: numeric ? ['sum', 'avg', 'min', 'max'] : [], system: false, ...more,
  };
}

const options = (...pairs: [string, string][]): Option[] => pairs.map(([label, color], index) => ({ value: index + 1, label, color, active: true }));

const SYSTEM: Attribute[] = [
  attribute('created_at', 'Created on', 'datetime', { read_only: true, system: true }),
  attribute('modified_at', 'Modified on', 'datetime', { read_only: true, system: true }),
  attribute('created_by', 'Created by', 'lookup', { read_only: true, system: true, targets: ['user'] }),
];
const owner = attribute('owner', 'Owner', 'owner', { targets: ['user', 'team'], required: true });
const statusPair = [attribute('state', 'Status', 'state', { read_only: true, system: true }), attribute('status_reason', 'Status reason', 'status_reason')];
const ACTIVE: State[] = [
  { value: 'active', label: 'Active', closed: false, color: 'green', reasons: [{ value: 1, label: 'Active', default: true }] },
  { value: 'inactive', label: 'Inactive', closed: true, color: 'gray', reasons: [{ value: 2, label: 'Inactive', default: true }] },
];
const ASSIGN: Action = {
  name: 'assign', label: 'Assign', states: [], privilege: 'assign', scope: 'record', primary: false, destructive: false, icon: 'user',
  parameters: [{ name: 'owner', label: 'New owner', type: 'owner', required: true, targets: ['user', 'team'] }],
};
const activation = (): Action[] => [
  ASSIGN,
  { name: 'deactivate', label: 'Deactivate', states: ['active'], privilege: 'write', scope: 'record', primary: false, destructive: false, icon: null, parameters: [] },
  { name: 'activate', label: 'Activate', states: ['inactive'], privilege: 'write', scope: 'record', primary: true, destructive: false, icon: null, parameters: [] },
];
const FEATURES = ['activities', 'notes', 'attachments', 'import', 'export', 'quick_create', 'audit', 'bulk', 'duplicates'];

function view(object: string, id: string, name: string, columns: [string, number][], more: Partial<View> = {}): View {
  return {
    id: `${object}-${id}`, name, kind: 'standard', object, is_default: false, layout: 'table', columns: columns.map(([column, width]) => ({ name: column, width })),
    filter: null, order: ['-created_at'], group_by: null, board_attribute: null, editable: false, owner: null, ...more,
  };
}

const base = (name: string, plural: string, label: string, labelPlural: string, icon: string, color: string, group: string): Omit<Entity, 'attributes' | 'forms' | 'views' | 'primary_attribute'> => ({
  name, plural, label, label_plural: labelPlural, icon, color, custom: false, group, ownership: 'user', is_activity: false, features: FEATURES,
  states: ACTIVE, relationships: [], actions: activation(), board: null, calendar: null, duplicates: [['name']],
});

const INDUSTRIES = options(['Manufacturing', 'blue'], ['Retail', 'orange'], ['Software', 'violet'], ['Healthcare', 'teal'], ['Marine', 'cyan'], ['Public sector', 'gray']);

const account: Entity = {
  ...base('account', 'accounts', 'Account', 'Accounts', 'building', 'blue', 'sales'),
  primary_attribute: 'name',
  attributes: [
    attribute('name', 'Account name', 'text', { required: true, max_length: 160 }),
    attribute('number', 'Account number', 'auto', { read_only: true }),
    attribute('industry', 'Industry', 'pick', { options: INDUSTRIES }),
    attribute('phone', 'Phone', 'text', { format: 'phone', max_length: 50 }),
    attribute('website', 'Website', 'text', { format: 'url' }),
    attribute('email', 'E-mail', 'text', { format: 'email', max_length: 100 }),
    attribute('annual_revenue', 'Annual revenue', 'money', { min: 0 }),
    attribute('annual_revenue_base', 'Annual revenue (base)', 'money', { read_only: true }),
    attribute('employees', 'Employees', 'int', { min: 0 }),
    attribute('parent', 'Parent account', 'lookup', { targets: ['account'] }),
    attribute('primary_contact', 'Primary contact', 'lookup', { targets: ['contact'] }),
    attribute('tags', 'Tags', 'multi', { options: options(['Key account', 'violet'], ['Newsletter', 'cyan'], ['Partner', 'green'], ['At risk', 'red']) }),
    attribute('city', 'City', 'text'),
    attribute('country', 'Country', 'text', { max_length: 80 }),
    attribute('credit_hold', 'Credit hold', 'bool'),
    attribute('description', 'Description', 'memo', { max_length: 20000 }),
    owner, ...statusPair, ...SYSTEM,
  ],
  relationships: [
    { name: 'contacts', label: 'Contacts', object: 'contact', attribute: 'account', kind: 'one_to_many', delete: 'remove_link' },
    { name: 'opportunities', label: 'Opportunities', object: 'opportunity', attribute: 'customer', kind: 'one_to_many', delete: 'restrict' },
    { name: 'tasks', label: 'Tasks', object: 'task', attribute: 'regarding', kind: 'one_to_many', delete: 'cascade' },
  ],
  forms: {
    main: {
      tabs: [
        { label: 'General', sections: [
          { label: 'Details', columns: 2, attributes: ['name', 'number', 'industry', 'phone', 'email', 'website', 'primary_contact', 'parent', 'tags'] },
          { label: 'Size', columns: 2, attributes: ['annual_revenue', 'employees', 'credit_hold'] },
          { label: 'Address', columns: 2, attributes: ['city', 'country'] },
          { label: 'Notes', columns: 1, attributes: ['description'] },
        ] },
      ],
      related: ['contacts', 'opportunities', 'tasks'], header: ['industry', 'phone', 'annual_revenue', 'city', 'owner'], path: null,
    },
    quick_create: ['name', 'industry', 'phone', 'website'],
  },
  views: [
    view('account', 'active', 'Active accounts', [['name', 260], ['industry', 140], ['phone', 150], ['city', 140], ['annual_revenue', 150], ['employees', 100], ['owner', 170], ['created_at', 170]], {
      is_default: true, filter: { attribute: 'state', operator: 'eq', value: 'active' }, order: ['name'],
    }),
    view('account', 'mine', 'My accounts', [['name', 260], ['industry', 140], ['phone', 150], ['primary_contact', 180]], { filter: { attribute: 'owner', operator: 'me' } }),
  ],
  duplicates: [['name'], ['email']],
};

const contact: Entity = {
  ...base('contact', 'contacts', 'Contact', 'Contacts', 'user', 'teal', 'sales'),
  primary_attribute: 'full_name',
  attributes: [
    attribute('full_name', 'Name', 'text', { read_only: true }),
    attribute('first_name', 'First name', 'text', { max_length: 50 }),
    attribute('last_name', 'Last name', 'text', { required: true, max_length: 50 }),
    attribute('job_title', 'Job title', 'text'),
    attribute('email', 'E-mail', 'text', { format: 'email' }),
    attribute('phone', 'Business phone', 'text', { format: 'phone' }),
    attribute('account', 'Account', 'lookup', { targets: ['account'] }),
    attribute('birthday', 'Birthday', 'date'),
    attribute('annual_income', 'Annual income', 'money', { secured: true }),
    attribute('do_not_email', 'Do not allow e-mails', 'bool'),
    attribute('description', 'Description', 'memo'),
    owner, ...statusPair, ...SYSTEM,
  ],
  relationships: [
    { name: 'tasks', label: 'Tasks', object: 'task', attribute: 'regarding', kind: 'one_to_many', delete: 'cascade' },
    { name: 'opportunities', label: 'Opportunities', object: 'opportunity', attribute: 'customer', kind: 'one_to_many', delete: 'restrict' },
  ],
  forms: {
    main: {
      tabs: [{ label: 'General', sections: [
        { label: 'Name', columns: 2, attributes: ['first_name', 'last_name', 'job_title', 'account'] },
        { label: 'Reach', columns: 2, attributes: ['email', 'phone', 'do_not_email'] },
        { label: 'Personal', columns: 2, attributes: ['birthday', 'annual_income'] },
        { label: 'Notes', columns: 1, attributes: ['description'] },
      ] }],
      related: ['opportunities', 'tasks'], header: ['account', 'job_title', 'email', 'phone', 'owner'], path: null,
    },
    quick_create: ['first_name', 'last_name', 'email', 'account'],
  },
  views: [view('contact', 'active', 'Active contacts', [['full_name', 220], ['account', 200], ['job_title', 180], ['email', 220], ['phone', 150], ['owner', 160]], { is_default: true, order: ['full_name'] })],
  duplicates: [['email'], ['full_name']],
};

const RATING = options(['Hot', 'red'], ['Warm', 'yellow'], ['Cold', 'cyan']);

const lead: Entity = {
  ...base('lead', 'leads', 'Lead', 'Leads', 'user-plus', 'orange', 'sales'),
  primary_attribute: 'topic',
  attributes: [
    attribute('topic', 'Topic', 'text', { required: true }),
    attribute('first_name', 'First name', 'text'),
    attribute('last_name', 'Last name', 'text', { required: true }),
    attribute('company', 'Company', 'text', { required: true }),
    attribute('email', 'E-mail', 'text', { format: 'email' }),
    attribute('phone', 'Phone', 'text', { format: 'phone' }),
    attribute('rating', 'Rating', 'pick', { options: RATING }),
    attribute('source', 'Lead source', 'pick', { options: options(['Web', 'blue'], ['Trade fair', 'green'], ['Referral', 'violet'], ['Advertisement', 'orange']) }),
    attribute('estimated_value', 'Estimated value', 'money'),
    attribute('description', 'Description', 'memo'),
    owner, ...statusPair, ...SYSTEM,
  ],
  states: [
    { value: 'open', label: 'Open', closed: false, color: 'blue', reasons: [{ value: 1, label: 'New', default: true }, { value: 2, label: 'Contacted' }] },
    { value: 'qualified', label: 'Qualified', closed: true, color: 'green', reasons: [{ value: 3, label: 'Qualified', default: true }] },
    { value: 'disqualified', label: 'Disqualified', closed: true, color: 'gray', reasons: [{ value: 4, label: 'Lost', default: true }, { value: 5, label: 'Cannot contact' }, { value: 6, label: 'No longer interested' }] },
  ],
  actions: [
    ASSIGN,
    { name: 'qualify', label: 'Qualify', states: ['open'], privilege: 'write', scope: 'record', primary: true, destructive: false, icon: 'check',
      parameters: [
        { name: 'create_account', label: 'Create an account', type: 'bool', required: false, default: true },
        { name: 'create_contact', label: 'Create a contact', type: 'bool', required: false, default: true },
        { name: 'create_opportunity', label: 'Create an opportunity', type: 'bool', required: false, default: true },
      ] },
    { name: 'disqualify', label: 'Disqualify', states: ['open'], privilege: 'write', scope: 'record', primary: false, destructive: false, icon: null,
      parameters: [{ name: 'status_reason', label: 'Reason', type: 'pick', required: true, options: options(['Lost', 'gray'], ['Cannot contact', 'gray']) }] },
  ],
  forms: {
    main: { tabs: [{ label: 'General', sections: [{ label: 'Details', columns: 2, attributes: ['topic', 'company', 'first_name', 'last_name', 'email', 'phone', 'rating', 'source', 'estimated_value'] }, { label: 'Notes', columns: 1, attributes: ['description'] }] }], related: [], header: ['company', 'rating', 'source', 'estimated_value', 'owner'], path: null },
    quick_create: ['topic', 'first_name', 'last_name', 'company', 'email', 'rating'],
  },
  views: [view('lead', 'open', 'Open leads', [['topic', 260], ['company', 180], ['last_name', 140], ['rating', 110], ['source', 130], ['estimated_value', 140], ['owner', 160], ['created_at', 170]], { is_default: true, filter: { attribute: 'state', operator: 'eq', value: 'open' } })],
};

const STAGES = options(['Qualify', 'gray'], ['Develop', 'cyan'], ['Propose', 'violet'], ['Negotiate', 'yellow'], ['Close', 'green']);

const opportunity: Entity = {
  ...base('opportunity', 'opportunities', 'Opportunity', 'Opportunities', 'target', 'violet', 'sales'),
  primary_attribute: 'topic',
  features: [...FEATURES, 'kanban'],
  attributes: [
    attribute('topic', 'Topic', 'text', { required: true }),
    attribute('customer', 'Customer', 'customer', { required: true, targets: ['account', 'contact'] }),
    attribute('stage', 'Stage', 'pick', { options: STAGES, required: true, default: 1 }),
    attribute('estimated_revenue', 'Estimated revenue', 'money', { min: 0 }),
    attribute('weighted_revenue', 'Weighted revenue', 'money', { read_only: true }),
    attribute('probability', 'Probability', 'int', { min: 0, max: 100 }),
    attribute('estimated_close_date', 'Est. close date', 'date', { recommended: true }),
    attribute('actual_revenue', 'Actual revenue', 'money'),
    attribute('actual_close_date', 'Actual close date', 'date'),
    attribute('rating', 'Rating', 'pick', { options: RATING }),
    attribute('description', 'Description', 'memo'),
    owner, ...statusPair, ...SYSTEM,
  ],
  states: [
    { value: 'open', label: 'Open', closed: false, color: 'blue', reasons: [{ value: 1, label: 'In progress', default: true }, { value: 2, label: 'On hold' }] },
    { value: 'won', label: 'Won', closed: true, color: 'green', reasons: [{ value: 3, label: 'Won', default: true }] },
    { value: 'lost', label: 'Lost', closed: true, color: 'red', reasons: [{ value: 4, label: 'Canceled', default: true }, { value: 5, label: 'Out-sold' }] },
  ],
  relationships: [{ name: 'tasks', label: 'Tasks', object: 'task', attribute: 'regarding', kind: 'one_to_many', delete: 'cascade' }],
  actions: [
    ASSIGN,
    { name: 'win', label: 'Close as won', states: ['open'], privilege: 'write', scope: 'record', primary: true, destructive: false, icon: 'trophy',
      parameters: [{ name: 'actual_revenue', label: 'Actual revenue', type: 'money', required: false }, { name: 'actual_close_date', label: 'Close date', type: 'date', required: false }] },
    { name: 'lose', label: 'Close as lost', states: ['open'], privilege: 'write', scope: 'record', primary: false, destructive: false, icon: null,
      parameters: [{ name: 'status_reason', label: 'Reason', type: 'pick', required: true, options: [{ value: 4, label: 'Canceled', color: 'gray', active: true }, { value: 5, label: 'Out-sold', color: 'gray', active: true }] }] },
    { name: 'reopen', label: 'Reopen', states: ['won', 'lost'], privilege: 'write', scope: 'record', primary: true, destructive: false, icon: null, parameters: [] },
  ],
  forms: {
    main: { tabs: [{ label: 'General', sections: [{ label: 'Details', columns: 2, attributes: ['topic', 'customer', 'stage', 'rating', 'estimated_revenue', 'probability', 'estimated_close_date', 'weighted_revenue'] }, { label: 'Notes', columns: 1, attributes: ['description'] }] }], related: ['tasks'], header: ['customer', 'estimated_revenue', 'estimated_close_date', 'probability', 'owner'], path: 'stage' },
    quick_create: ['topic', 'customer', 'estimated_revenue', 'estimated_close_date'],
  },
  views: [
    view('opportunity', 'open', 'Open opportunities', [['topic', 240], ['customer', 200], ['stage', 120], ['estimated_revenue', 150], ['estimated_close_date', 130], ['probability', 110], ['owner', 160]], { is_default: true, filter: { attribute: 'state', operator: 'eq', value: 'open' }, order: ['estimated_close_date'] }),
    view('opportunity', 'pipeline', 'Pipeline', [['topic', 240], ['customer', 200]], { layout: 'board', board_attribute: 'stage', filter: { attribute: 'state', operator: 'eq', value: 'open' } }),
  ],
  board: { attribute: 'stage', sum: 'estimated_revenue', weighted: 'weighted_revenue', card: ['customer', 'estimated_revenue', 'estimated_close_date', 'owner'], filter: { attribute: 'state', operator: 'eq', value: 'open' }, drop: [{ action: 'win', label: 'Won' }, { action: 'lose', label: 'Lost' }] },
};

const task: Entity = {
  ...base('task', 'tasks', 'Task', 'Tasks', 'checkbox', 'green', 'activities'),
  primary_attribute: 'subject',
  is_activity: true,
  features: ['import', 'export', 'quick_create', 'bulk', 'attachments', 'notes'],
  attributes: [
    attribute('subject', 'Subject', 'text', { required: true }),
    attribute('regarding', 'Regarding', 'regarding', { targets: ['account', 'contact', 'lead', 'opportunity'] }),
    attribute('due_at', 'Due', 'datetime'),
    attribute('scheduled_start', 'Start', 'datetime'),
    attribute('duration', 'Duration', 'duration'),
    attribute('priority', 'Priority', 'pick', { options: options(['Low', 'gray'], ['Normal', 'blue'], ['High', 'red']) }),
    attribute('description', 'Description', 'memo'),
    owner, ...statusPair, ...SYSTEM,
  ],
  states: [
    { value: 'open', label: 'Open', closed: false, color: 'blue', reasons: [{ value: 1, label: 'Not started', default: true }, { value: 2, label: 'In progress' }] },
    { value: 'completed', label: 'Completed', closed: true, color: 'green', reasons: [{ value: 3, label: 'Completed', default: true }] },
  ],
  actions: [ASSIGN, { name: 'complete', label: 'Complete', states: ['open'], privilege: 'write', scope: 'record', primary: true, destructive: false, icon: 'check', parameters: [] }],
  forms: {
    main: { tabs: [{ label: 'General', sections: [{ label: 'Details', columns: 2, attributes: ['subject', 'regarding', 'due_at', 'duration', 'priority'] }, { label: 'Notes', columns: 1, attributes: ['description'] }] }], related: [], header: ['regarding', 'due_at', 'priority', 'owner'], path: null },
    quick_create: ['subject', 'regarding', 'due_at', 'priority'],
  },
  views: [view('task', 'open', 'My open tasks', [['subject', 280], ['regarding', 200], ['due_at', 170], ['priority', 110], ['owner', 160]], { is_default: true, filter: { attribute: 'state', operator: 'eq', value: 'open' }, order: ['due_at'] })],
  calendar: { start: 'due_at', end: null },
};

const product: Entity = {
  ...base('product', 'products', 'Product', 'Products', 'box', 'yellow', 'sales'),
  primary_attribute: 'name',
  ownership: 'organization',
  attributes: [
    attribute('name', 'Name', 'text', { required: true }),
    attribute('number', 'Product number', 'text', { required: true, max_length: 40 }),
    attribute('list_price', 'List price', 'money'),
    attribute('quantity_on_hand', 'Quantity on hand', 'dec', { precision: 2 }),
    attribute('weight', 'Weight', 'float'),
    attribute('picture', 'Picture', 'file'),
    attribute('description', 'Description', 'memo'),
    ...statusPair, ...SYSTEM,
  ],
  forms: { main: { tabs: [{ label: 'General', sections: [{ label: 'Details', columns: 2, attributes: ['name', 'number', 'list_price', 'quantity_on_hand', 'weight', 'picture', 'description'] }] }], related: [], header: ['number', 'list_price', 'quantity_on_hand'], path: null }, quick_create: ['name', 'number', 'list_price'] },
  views: [view('product', 'active', 'Active products', [['name', 240], ['number', 140], ['list_price', 130], ['quantity_on_hand', 140]], { is_default: true, order: ['name'] })],
};

const person: Entity = {
  ...base('user', 'users', 'User', 'Users', 'users', 'gray', 'administration'),
  primary_attribute: 'full_name',
  ownership: 'organization',
  features: [],
  attributes: [attribute('full_name', 'Name', 'text'), attribute('email', 'E-mail', 'text', { format: 'email' }), attribute('job_title', 'Job title', 'text'), ...statusPair, ...SYSTEM],
  forms: { main: { tabs: [], related: [], header: ['email', 'job_title'], path: null }, quick_create: [] },
  views: [],
  actions: [],
};
const team: Entity = { ...person, name: 'team', plural: 'teams', label: 'Team', label_plural: 'Teams', primary_attribute: 'name', attributes: [attribute('name', 'Name', 'text'), ...SYSTEM], forms: { main: { tabs: [], related: [], header: [], path: null }, quick_create: [] } };
const role: Entity = { ...team, name: 'role', plural: 'roles', label: 'Security role', label_plural: 'Security roles' };
const unit: Entity = { ...team, name: 'business_unit', plural: 'business_units', label: 'Business unit', label_plural: 'Business units' };

/** Objects shown to the user, then those that only the settings use. */
export const entities: Entity[] = [account, contact, lead, opportunity, task, product, person, team, role, unit];
export const visibleObjects = ['account', 'contact', 'lead', 'opportunity', 'task', 'product', 'user', 'team', 'role', 'business_unit'];
