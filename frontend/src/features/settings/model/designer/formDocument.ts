/** The form a customizer is drawing, and every change the designer can make to it. Nothing here knows the screen. */
import type { FormDefinition } from '@/api/customization';
import type { Entity, MainForm } from '@/metadata';

export interface DrawnSection {
  id: string;
  label: string;
  labels: Record<string, string>;
  columns: number;
  attributes: string[];
}

export interface DrawnTab {
  id: string;
  label: string;
  labels: Record<string, string>;
  sections: DrawnSection[];
}

export interface DrawnForm {
  tabs: DrawnTab[];
  header: string[];
  related: string[];
  quick_create: string[];
}

/** The lists beside the tabs; every other zone is the id of a section. */
export const LISTS = ['header', 'related', 'quick_create'] as const;
export type ListZone = (typeof LISTS)[number];
export type Zone = ListZone | (string & {});

export const MOST: Record<ListZone, number> = { header: 7, related: 40, quick_create: 30 };

let serial = 0;
/** Of a new tab or section. Made where somebody clicks: what draws may run twice, and must draw the same both times. */
export const newId = () => `part${++serial}`;

/** A stored or delivered form in the shape the designer works on. */
export function drawnFrom(definition: FormDefinition): DrawnForm {
  return {
    tabs: definition.tabs.map((tab) => ({
      id: newId(),
      label: tab.label,
      labels: tab.labels ?? {},
      sections: tab.sections.map((section) => ({ id: newId(), label: section.label, labels: section.labels ?? {}, columns: section.columns, attributes: [...section.attributes] })),
    })),
    header: [...(definition.header ?? [])],
    related: [...(definition.related ?? [])],
    quick_create: [...(definition.quick_create ?? [])],
  };
}

/** The form people have now as a definition: what the designer starts from when nothing was stored. */
export const definitionOfForm = (main: MainForm, quickCreate: string[]): FormDefinition => ({ tabs: main.tabs, header: main.header, related: main.related, quick_create: quickCreate });

/** A form for an object that was never published: all its fields in one section. */
export const plainDefinition = (entity: Pick<Entity, 'label' | 'attributes'>): FormDefinition => {
  const names = entity.attributes.filter((attribute) => !attribute.system).map((attribute) => attribute.name);
  return { tabs: [{ label: entity.label, sections: [{ label: '', columns: 2, attributes: names }] }], header: [], related: [], quick_create: names.slice(0, 4) };
};

/** What the server stores; names the object no longer has are left out. */
export function definitionFrom(form: DrawnForm, attributes: ReadonlySet<string>, relationships: ReadonlySet<string>): FormDefinition {
  const known = (names: string[], set: ReadonlySet<string>) => names.filter((name) => set.has(name));
  return {
    tabs: form.tabs.map((tab) => ({
      label: tab.label.trim(),
      labels: tab.labels,
      sections: tab.sections.map((section) => ({ label: section.label.trim(), labels: section.labels, columns: section.columns, attributes: known(section.attributes, attributes) })),
    })),
    header: known(form.header, attributes),
    related: known(form.related, relationships),
    quick_create: known(form.quick_create, attributes),
  };
}

const isList = (zone: Zone): zone is ListZone => (LISTS as readonly string[]).includes(zone);

/** The names in a zone, in order. */
export function namesIn(form: DrawnForm, zone: Zone): string[] {
  if (isList(zone)) return form[zone];
  return form.tabs.flatMap((tab) => tab.sections).find((section) => section.id === zone)?.attributes ?? [];
}

function withNames(form: DrawnForm, zone: Zone, names: string[]): DrawnForm {
  if (isList(zone)) return { ...form, [zone]: names };
  return withSections(form, (section) => (section.id === zone ? { ...section, attributes: names } : section));
}

function withSections(form: DrawnForm, change: (section: DrawnSection) => DrawnSection): DrawnForm {
  return { ...form, tabs: form.tabs.map((tab) => ({ ...tab, sections: tab.sections.map(change) })) };
}

export const allSections = (form: DrawnForm): DrawnSection[] => form.tabs.flatMap((tab) => tab.sections);
export const placedNames = (form: DrawnForm): Set<string> => new Set(allSections(form).flatMap((section) => section.attributes));
/** The section a field stands in. */
export const sectionOf = (form: DrawnForm, name: string): DrawnSection | undefined => allSections(form).find((section) => section.attributes.includes(name));

/**
 * Put a name at a place of a zone; it leaves where it stood. A field stands in one section only, while the lists beside
 * the tabs have their own order of the same fields. A full list stays as it is.
 */
export function place(form: DrawnForm, name: string, zone: Zone, index: number): DrawnForm {
  if (isList(zone) && !form[zone].includes(name) && form[zone].length >= MOST[zone]) return form;
  const from = isList(zone) ? zone : sectionOf(form, name)?.id;
  const at = from ? namesIn(form, from).indexOf(name) : -1;
  // Taking it out of the same zone moves what follows up by one.
  const target = from === zone && at >= 0 && at < index ? index - 1 : index;
  const cleared = from ? withNames(form, from, namesIn(form, from).filter((entry) => entry !== name)) : form;
  const names = [...namesIn(cleared, zone)];
  names.splice(Math.max(0, Math.min(names.length, target)), 0, name);
  return withNames(cleared, zone, names);
}

export const take = (form: DrawnForm, name: string, zone: Zone): DrawnForm => withNames(form, zone, namesIn(form, zone).filter((entry) => entry !== name));

/** One step up or down; from the edge of a section a field goes on into the neighbouring section of the same tab. */
export function step(form: DrawnForm, name: string, zone: Zone, by: -1 | 1): DrawnForm {
  const names = namesIn(form, zone);
  const at = names.indexOf(name);
  const next = at + by;
  if (next >= 0 && next < names.length) return place(form, name, zone, by > 0 ? next + 1 : next);
  if (isList(zone)) return form;
  const tab = form.tabs.find((entry) => entry.sections.some((section) => section.id === zone));
  const neighbour = tab?.sections[tab.sections.findIndex((section) => section.id === zone) + by];
  return neighbour ? place(form, name, neighbour.id, by > 0 ? 0 : neighbour.attributes.length) : form;
}

export function addTab(form: DrawnForm, label: string, id: string): DrawnForm {
  return { ...form, tabs: [...form.tabs, { id, label, labels: {}, sections: [{ id: `${id}.1`, label: '', labels: {}, columns: 2, attributes: [] }] }] };
}

export function addSection(form: DrawnForm, tabId: string, label: string, id: string): DrawnForm {
  return { ...form, tabs: form.tabs.map((tab) => (tab.id === tabId ? { ...tab, sections: [...tab.sections, { id, label, labels: {}, columns: 2, attributes: [] }] } : tab)) };
}

/** Without the tab; its fields are free to be placed again. The last one stays. */
export const removeTab = (form: DrawnForm, id: string): DrawnForm => (form.tabs.length > 1 ? { ...form, tabs: form.tabs.filter((tab) => tab.id !== id) } : form);
export const removeSection = (form: DrawnForm, id: string): DrawnForm => ({ ...form, tabs: form.tabs.map((tab) => ({ ...tab, sections: tab.sections.filter((section) => section.id !== id) })) });

export const changeTab = (form: DrawnForm, id: string, change: Partial<DrawnTab>): DrawnForm => ({ ...form, tabs: form.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) });
export const changeSection = (form: DrawnForm, id: string, change: Partial<DrawnSection>): DrawnForm => withSections(form, (section) => (section.id === id ? { ...section, ...change } : section));

function shifted<T extends { id: string }>(parts: T[], id: string, by: -1 | 1): T[] {
  const at = parts.findIndex((part) => part.id === id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= parts.length) return parts;
  const next = [...parts];
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
}

export const moveTab = (form: DrawnForm, id: string, by: -1 | 1): DrawnForm => ({ ...form, tabs: shifted(form.tabs, id, by) });
/** Within its tab; `toTab` puts it at the end of another one. */
export const moveSection = (form: DrawnForm, id: string, by: -1 | 1): DrawnForm => ({ ...form, tabs: form.tabs.map((tab) => ({ ...tab, sections: shifted(tab.sections, id, by) })) });
export function moveSectionTo(form: DrawnForm, id: string, tabId: string): DrawnForm {
  const section = allSections(form).find((entry) => entry.id === id);
  if (!section) return form;
  const without = removeSection(form, id);
  return { ...without, tabs: without.tabs.map((tab) => (tab.id === tabId ? { ...tab, sections: [...tab.sections, section] } : tab)) };
}

/** Where the form cannot be stored as it is drawn. */
export const untitledTabs = (form: DrawnForm): string[] => form.tabs.filter((tab) => !tab.label.trim()).map((tab) => tab.id);
