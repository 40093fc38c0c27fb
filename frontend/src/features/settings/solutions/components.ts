import type { Component, ComponentKey, PickableComponent } from '@/api/solutions';
import type { Key, Translate } from '@/i18n';

/** One text per component, for sets and keys of lists. */
export const idOf = (key: ComponentKey) => `${key.kind}/${key.object ?? ''}/${key.name}`;

export const keyOf = ({ kind, object, name }: ComponentKey): ComponentKey => ({ kind, object, name });

/** What people call a component; forms have no name of their own, lists are known by theirs. */
export function componentName(t: Translate, component: Component): string {
  if (component.kind === 'form') {
    if (component.name === 'main') return t('solutions.formMain');
    return t('solutions.formRole', { role: component.name.replace(/^role:@?=?/, '').replaceAll('_', ' ') });
  }
  if (component.kind === 'option_list') return component.label.charAt(0).toUpperCase() + component.label.slice(1).replaceAll('_', ' ');
  return component.label;
}

export const kindName = (t: Translate, kind: string) => t(`solutions.kind.${kind}` as Key);

/** What the chosen components need and is not chosen, followed to the end. */
export function missingNeeds(all: PickableComponent[], chosen: ReadonlySet<string>): PickableComponent[] {
  const byId = new Map(all.map((component) => [idOf(component), component]));
  const found = new Map<string, PickableComponent>();
  const waiting = [...chosen];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const need of byId.get(id)?.needs ?? []) {
      const needed = byId.get(idOf(need));
      if (!needed || chosen.has(idOf(need)) || found.has(idOf(need))) continue;
      found.set(idOf(need), needed);
      waiting.push(idOf(need));
    }
  }
  return [...found.values()];
}

export interface ComponentGroup {
  /** Name of the object, empty for what belongs to none. */
  object: string;
  label: string;
  components: PickableComponent[];
}

/** Components by object: an object comes with everything that belongs to it. */
export function groupsOf(t: Translate, all: PickableComponent[]): ComponentGroup[] {
  const groups = new Map<string, ComponentGroup>();
  for (const component of all) {
    const object = component.kind === 'object' ? component.name : (component.object ?? '');
    const label = component.kind === 'object' ? component.label : (component.object_label ?? component.object ?? t('solutions.everywhere'));
    const group = groups.get(object) ?? { object, label, components: [] };
    if (component.kind === 'object') group.components.unshift(component);
    else group.components.push(component);
    groups.set(object, group);
  }
  return [...groups.values()].sort((a, b) => Number(!a.object) - Number(!b.object) || a.label.localeCompare(b.label));
}
