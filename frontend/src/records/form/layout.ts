/** Which attributes stand where on a form. */
import { attributeOf, type Attribute, type Entity, type FormTab } from '@/metadata';

export interface PlacedSection {
  label: string;
  columns: 1 | 2 | 3 | 4;
  attributes: Attribute[];
}

export interface PlacedTab {
  label: string;
  sections: PlacedSection[];
}

const clampColumns = (columns: number) => Math.min(4, Math.max(1, Math.round(columns) || 1)) as PlacedSection['columns'];

/** Every attribute a person may see, for an object whose form was not designed yet. */
function plainTabs(entity: Entity): FormTab[] {
  const names = entity.attributes.filter((attribute) => !attribute.system && attribute.type !== 'state').map((attribute) => attribute.name);
  return [{ label: entity.label, sections: [{ label: '', columns: 2, attributes: names }] }];
}

/** The form of an entity with its attributes resolved; names that are gone or hidden, and what becomes empty, are left out. */
export function placedTabs(entity: Entity): PlacedTab[] {
  const designed = entity.forms.main?.tabs ?? [];
  const tabs = designed.length ? designed : plainTabs(entity);
  return tabs
    .map((tab) => ({
      label: tab.label,
      sections: tab.sections
        .map((section) => ({
          label: section.label,
          columns: clampColumns(section.columns),
          attributes: section.attributes.map((name) => attributeOf(entity, name)).filter((attribute): attribute is Attribute => !!attribute),
        }))
        .filter((section) => section.attributes.length),
    }))
    .filter((tab) => tab.sections.length);
}

export const namesOf = (tabs: PlacedTab[]): string[] => tabs.flatMap((tab) => tab.sections.flatMap((section) => section.attributes.map((attribute) => attribute.name)));

/** The attributes of quick create: the declared ones, and every required one that has no default. */
export function quickCreateNames(entity: Entity): string[] {
  const declared = (entity.forms.quick_create ?? []).filter((name) => attributeOf(entity, name));
  const names = declared.length ? declared : [entity.primary_attribute];
  const needed = entity.attributes.filter(
    (attribute) => attribute.required && !attribute.read_only && !attribute.system && attribute.default == null && attribute.type !== 'owner' && attribute.type !== 'auto',
  );
  return [...new Set([...names, ...needed.map((attribute) => attribute.name)])];
}

/** Attributes that take the whole width of a section whatever its columns. */
export const isWide = (attribute: Pick<Attribute, 'type' | 'max_length'>): boolean => attribute.type === 'memo' || attribute.type === 'parties';
