/** Query keys: one root per subject, so that a change invalidates exactly what it may have touched. */
import type { AggregateQuery, BoardQuery, ListQuery } from './types';
import type { TimelineQuery } from './records';

export const keys = {
  session: ['session'] as const,
  preferences: ['preferences'] as const,
  objects: ['metadata', 'objects'] as const,
  entity: (name: string) => ['metadata', 'entity', name] as const,
  views: (object: string) => ['views', object] as const,
  /** Everything read about one object's records; invalidate after bulk changes and imports. */
  recordsOf: (plural: string) => ['records', plural] as const,
  lists: (plural: string) => ['records', plural, 'list'] as const,
  list: (plural: string, query: ListQuery) => ['records', plural, 'list', query] as const,
  board: (plural: string, query: BoardQuery) => ['records', plural, 'board', query] as const,
  aggregate: (plural: string, query: AggregateQuery) => ['records', plural, 'aggregate', query] as const,
  record: (plural: string, id: string) => ['records', plural, 'one', id] as const,
  timeline: (plural: string, id: string, query: Omit<TimelineQuery, 'cursor'> = {}) => ['records', plural, 'one', id, 'timeline', query] as const,
  related: (plural: string, id: string, relationship: string, query: ListQuery = {}) =>
    ['records', plural, 'one', id, 'related', relationship, query] as const,
  lookup: (targets: string[], text: string) => ['lookup', targets, text] as const,
  search: (text: string, objects: string[] = []) => ['search', text, objects] as const,
  recent: ['search-recent'] as const,
  recycleBin: (object: string | null) => ['recycle-bin', object] as const,
  jobs: ['jobs'] as const,
  job: (id: string) => ['jobs', id] as const,
  imports: ['imports'] as const,
  importOne: (id: string) => ['imports', id] as const,
  customization: ['customization'] as const,
  impact: ['customization', 'impact'] as const,
  invitations: ['invitations'] as const,
  ownSessions: ['own-access', 'sessions'] as const,
  ownTokens: ['own-access', 'tokens'] as const,
  workspaceExport: ['workspace-export'] as const,
  announcements: ['announcements'] as const,
  customDomains: ['custom-domains'] as const,
  legal: ['legal'] as const,
  supportAccess: ['support-access'] as const,
  solutions: ['solutions'] as const,
  solution: (id: string) => ['solutions', 'one', id] as const,
  solutionComponents: ['solutions', 'components'] as const,
  rolePrivileges: (id: string) => ['role-privileges', id] as const,
  checklist: ['checklist'] as const,
};
