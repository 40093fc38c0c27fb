import type { Party } from '@/api/types';
import { t, useT, type Key } from '@/i18n';
import { EmptyMark, Line } from './display';
import classes from './fields.module.css';
import { RefLink } from './RefLink';
import { asParties, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

export const ROLE_KEYS: Record<string, Key> = { from: 'fields.from', to: 'fields.to', cc: 'fields.cc', bcc: 'fields.bcc' };
/** What a person or bare address is called. */
export const nameOf = (party: Party) => party.name || party.address || '';
const rolesOf = (parties: Party[]) => [...new Set(parties.map((party) => party.role))];

const roleLabel = (role: string, translate: typeof t) => (ROLE_KEYS[role] ? translate(ROLE_KEYS[role]) : role.replaceAll('_', ' '));

function Display({ value }: DisplayProps) {
  const translate = useT();
  const parties = asParties(value);
  if (!parties.length) return <EmptyMark />;
  return (
    <div className={classes.party}>
      {rolesOf(parties).map((role) => (
        <span key={role}>
          {rolesOf(parties).length > 1 && <span className={classes.role}>{roleLabel(role, translate)}</span>}
          {parties
            .filter((party) => party.role === role)
            .map((party, index) => (
              <span key={index}>
                {index > 0 && ', '}
                {party.id && party.object ? <RefLink value={{ object: party.object, id: party.id, name: nameOf(party) }} /> : nameOf(party)}
              </span>
            ))}
        </span>
      ))}
    </div>
  );
}

const format = (value: unknown) => asParties(value).map(nameOf).join(', ');

/** People and addresses of an activity with their roles. */
export const parties: FieldBase = {
  Display,
  Cell: ({ value }) => (asParties(value).length ? <Line>{format(value)}</Line> : null),
  parse: () => ({ ok: false, message: t('fields.pasteReference') }),
  format,
  compare: compareWith(format, compareTexts),
  width: 200,
};
