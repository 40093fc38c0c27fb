import {
  IconApps, IconArrowBackUp, IconArrowMerge, IconBuilding, IconCalendar, IconCoins, IconCopyCheck, IconCreditCard, IconDatabase, IconDatabaseExport, IconDatabaseImport, IconFlask, IconEyeOff, IconHierarchy, IconHistory, IconLifebuoy, IconListDetails, IconKey, IconListSearch, IconLock, IconPackage, IconShieldLock, IconTrash, IconUpload, IconUserCircle, IconUserShield, IconUsers, IconUsersGroup, IconWorld, type Icon,
} from '@tabler/icons-react';

import type { Key } from '@/i18n';
import type { Session } from '@/metadata';

export interface Section {
  /** Path below /settings, or an address of its own when it starts with a slash. */
  path: string;
  label: Key;
  keywords?: Key;
  icon: Icon;
  group: 'you' | 'people' | 'model' | 'data' | 'workspace';
  /** Whether this user sees it. */
  shown?: (session: Session) => boolean;
}

const can = (capability: string) => (session: Session) => session.capabilities.includes(capability);
const isAdmin = (session: Session) => session.user.is_admin;
const hasObject = (name: string) => (session: Session) => session.objects.some((object) => object.name === name);

/** All settings, in the order of the navigation. */
export const SECTIONS: Section[] = [
  { path: 'profile', label: 'settings.profile', keywords: 'settings.profile.keywords', icon: IconUserCircle, group: 'you' },
  { path: 'security', label: 'settings.security', keywords: 'settings.security.keywords', icon: IconLock, group: 'you' },
  { path: 'users', label: 'settings.users', keywords: 'settings.users.keywords', icon: IconUsers, group: 'people', shown: can('manage_users') },
  { path: 'roles', label: 'settings.roles', keywords: 'settings.roles.keywords', icon: IconShieldLock, group: 'people', shown: can('manage_roles') },
  { path: 'teams', label: 'settings.teams', keywords: 'settings.teams.keywords', icon: IconUsersGroup, group: 'people', shown: hasObject('team') },
  { path: 'units', label: 'settings.units', keywords: 'settings.units.keywords', icon: IconHierarchy, group: 'people', shown: hasObject('business_unit') },
  { path: 'fields', label: 'settings.fields', keywords: 'settings.fields.keywords', icon: IconEyeOff, group: 'people', shown: can('manage_roles') },
  { path: 'single-sign-on', label: 'settings.sso', keywords: 'settings.sso.keywords', icon: IconKey, group: 'people', shown: isAdmin },
  { path: 'audit', label: 'settings.audit', keywords: 'settings.audit.keywords', icon: IconListSearch, group: 'people', shown: can('view_audit') },
  { path: 'objects', label: 'settings.objects', keywords: 'settings.objects.keywords', icon: IconDatabase, group: 'model', shown: can('customize') },
  { path: 'option-lists', label: 'settings.optionLists', keywords: 'settings.optionLists.keywords', icon: IconListDetails, group: 'model', shown: can('customize') },
  { path: 'changes', label: 'settings.changes', keywords: 'settings.changes.keywords', icon: IconHistory, group: 'model', shown: can('customize') },
  { path: 'solutions', label: 'settings.solutions', keywords: 'settings.solutions.keywords', icon: IconPackage, group: 'model', shown: can('customize') },
  { path: '/import', label: 'settings.import', icon: IconUpload, group: 'data' },
  { path: 'duplicates', label: 'settings.duplicates', keywords: 'settings.duplicates.keywords', icon: IconCopyCheck, group: 'data', shown: can('customize') },
  { path: '/duplicates', label: 'settings.worklist', icon: IconArrowMerge, group: 'data' },
  { path: 'personal', label: 'settings.personal', keywords: 'settings.personal.keywords', icon: IconUserShield, group: 'data', shown: can('personal_data') },
  { path: 'export', label: 'settings.export', keywords: 'settings.export.keywords', icon: IconDatabaseExport, group: 'data', shown: isAdmin },
  { path: 'archive', label: 'settings.archive', keywords: 'settings.archive.keywords', icon: IconDatabaseImport, group: 'data', shown: isAdmin },
  { path: '/undo', label: 'settings.undo', icon: IconArrowBackUp, group: 'data' },
  { path: '/recycle-bin', label: 'settings.recycleBin', icon: IconTrash, group: 'data' },
  { path: 'general', label: 'settings.general', keywords: 'settings.general.keywords', icon: IconBuilding, group: 'workspace', shown: can('customize') },
  { path: 'currencies', label: 'settings.currencies', keywords: 'settings.currencies.keywords', icon: IconCoins, group: 'workspace', shown: can('customize') },
  { path: 'calendar', label: 'calendarSettings.title', keywords: 'calendarSettings.keywords', icon: IconCalendar, group: 'workspace', shown: can('customize') },
  { path: 'apps', label: 'settings.apps', keywords: 'settings.apps.keywords', icon: IconApps, group: 'workspace', shown: isAdmin },
  { path: 'domains', label: 'settings.domains', keywords: 'settings.domains.keywords', icon: IconWorld, group: 'workspace', shown: isAdmin },
  { path: 'sandboxes', label: 'settings.sandboxes', keywords: 'settings.sandboxes.keywords', icon: IconFlask, group: 'workspace', shown: isAdmin },
  { path: 'support', label: 'settings.support', keywords: 'settings.support.keywords', icon: IconLifebuoy, group: 'workspace', shown: isAdmin },
  { path: '/billing/', label: 'settings.billing', keywords: 'settings.billing.keywords', icon: IconCreditCard, group: 'workspace', shown: (session) => can('manage_billing')(session) && !session.workspace.sandbox },
];

export const sectionHref = (section: Section): string => (section.path.startsWith('/') ? section.path : `/settings/${section.path}`);
