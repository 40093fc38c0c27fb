import { t, type Key } from '@/i18n';
import type { ObjectSummary } from '@/metadata';

/** Groups in the order of the day; unknown ones come after, the tenant's own objects before "more". */
const ORDER = ['customers', 'sales', 'marketing', 'service', 'scheduling', 'activities', 'catalogue', 'products', 'knowledge', 'custom', 'other'];
/** Groups that live in the settings, not in the navigation. */
const HIDDEN = ['administration', 'settings', 'system', 'security'];

export interface ObjectGroup {
  name: string;
  label: string;
  objects: ObjectSummary[];
}

function groupLabel(name: string): string {
  const key = `shell.group.${name}` as Key;
  const label = t(key);
  return label === key ? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ') : label;
}

/** The objects of the navigation, grouped; hidden by the user are left out. */
export function objectGroups(objects: ObjectSummary[], hidden: string[] = []): ObjectGroup[] {
  const groups = new Map<string, ObjectSummary[]>();
  for (const object of objects) {
    const name = object.custom ? 'custom' : object.group || 'other';
    if (HIDDEN.includes(name) || hidden.includes(object.name) || object.in_navigation === false || object.privileges.read === false) continue;
    groups.set(name, [...(groups.get(name) ?? []), object]);
  }
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.indexOf('other') - 0.5);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b)).map(([name, list]) => ({ name, label: groupLabel(name), objects: list }));
}

/** Whether an object is one people open from the navigation. */
export const isNavigable = (object: ObjectSummary): boolean => !HIDDEN.includes(object.group);
