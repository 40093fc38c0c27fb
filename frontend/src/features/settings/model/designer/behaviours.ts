/** How relationships behave, as published and as drafted (PLT-20). */
import type { BehaviourDefinition, Change } from '@/api/customization';
import type { Attribute, Behaviour, Entity } from '@/metadata';

export const ACTS = ['assign', 'share', 'unshare', 'reparent'] as const;
export const SCOPES = ['all', 'active', 'same_owner', 'none'] as const;
export const DELETE = ['cascade', 'remove_link', 'restrict'] as const;
export const KINDS = ['referential', 'referential_restrict', 'parental', 'configurable'] as const;
export type Kind = (typeof KINDS)[number];

const MEANING: Record<Exclude<Kind, 'configurable'>, { scope: (typeof SCOPES)[number]; delete: (typeof DELETE)[number] }> = {
  parental: { scope: 'all', delete: 'cascade' },
  referential: { scope: 'none', delete: 'remove_link' },
  referential_restrict: { scope: 'none', delete: 'restrict' },
};

/** The acts of a named kind. */
export function meant(kind: Exclude<Kind, 'configurable'>): Omit<Behaviour, 'kind' | 'fixed' | 'owned'> {
  const { scope, delete: gone } = MEANING[kind];
  return { assign: scope, share: scope, unshare: scope, reparent: scope, delete: gone };
}

/** The name of a combination; any other than the three is configured. */
export function kindOf(behaviour: Omit<Behaviour, 'kind' | 'fixed' | 'owned'>): Kind {
  const named = KINDS.filter((kind) => kind !== 'configurable').find((kind) => {
    const wanted = meant(kind as Exclude<Kind, 'configurable'>);
    return behaviour.delete === wanted.delete && ACTS.every((act) => behaviour[act] === wanted[act]);
  });
  return named ?? 'configurable';
}

export interface BehaviourRow {
  attribute: Attribute;
  behaviour: Behaviour;
  changeId: string | null;
}

/** The relationships through which records of an object belong to others, with what the draft makes of them. */
export function behaviourRows(entity: Entity, changes: Change[]): BehaviourRow[] {
  return entity.attributes.flatMap((attribute) => {
    if (!attribute.behaviour) return [];
    const change = changes.findLast((entry) => entry.kind === 'behaviour' && entry.object === entity.name && entry.name === attribute.name);
    const drafted = change?.operation === 'delete' ? {} : ((change?.definition ?? {}) as Partial<BehaviourDefinition>);
    const behaviour = { ...attribute.behaviour, ...drafted };
    return [{ attribute, behaviour: { ...behaviour, kind: kindOf(behaviour) }, changeId: change?.id ?? null }];
  });
}
