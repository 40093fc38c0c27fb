import { Input as Wrapper, Pill, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { Party } from '@/api/types';
import { t, useT, type Key } from '@/i18n';
import { EmptyMark, frameProps, Line } from './frame';
import classes from './fields.module.css';
import { LookupPicker } from './LookupPicker';
import { RefLink } from './RefLink';
import { asParties, compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldType, InputProps } from './types';

const ROLE_KEYS: Record<string, Key> = { from: 'fields.from', to: 'fields.to', cc: 'fields.cc', bcc: 'fields.bcc' };
const nameOf = (party: Party) => party.name || party.address || '';
const rolesOf = (parties: Party[]) => [...new Set(parties.map((party) => party.role))];
const targetsOf = (attribute: FieldAttribute) => (attribute.targets?.length ? attribute.targets : ['contact', 'account', 'lead', 'user']);

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

/** The role a new person gets: the attribute's own (`to`, `required_attendees` …). */
const defaultRole = (attribute: FieldAttribute, parties: Party[]) => attribute.format ?? parties[0]?.role ?? (ROLE_KEYS[attribute.name] ? attribute.name : 'to');

function Input(props: InputProps) {
  const translate = useT();
  const { attribute, value, onChange } = props;
  const [address, setAddress] = useState('');
  const parties = asParties(value);
  const frame = frameProps(props);
  const role = defaultRole(attribute, parties);
  const addAddress = () => {
    const typed = address.trim();
    if (!typed.includes('@')) return;
    onChange([...parties, { role, object: undefined, id: undefined, name: null, address: typed }]);
    setAddress('');
  };
  return (
    <Wrapper.Wrapper label={frame.label} description={frame.description} error={frame.error} withAsterisk={frame.withAsterisk} size="sm" labelElement="div">
      <div className={classes.chips} style={{ marginBottom: parties.length ? 6 : 0 }}>
        {parties.map((party, index) => (
          <Pill
            key={index}
            withRemoveButton={!frame.disabled}
            removeButtonProps={{ 'aria-label': translate('fields.remove', { name: nameOf(party) }) }}
            onRemove={() => onChange(parties.filter((_, at) => at !== index))}
          >
            {nameOf(party)}
          </Pill>
        ))}
      </div>
      <div className={classes.pair}>
        <LookupPicker
          label={attribute.label}
          frame={{ size: 'sm', 'aria-label': attribute.label, autoFocus: props.autoFocus, disabled: props.disabled }}
          targets={targetsOf(attribute)}
          value={null}
          keepOpen
          onChange={(ref) => ref && onChange([...parties, { role, object: ref.object, id: ref.id, name: ref.name, address: null }])}
        />
        <TextInput
          size="sm"
          type="email"
          aria-label={translate('fields.addAddress')}
          placeholder={translate('fields.addAddress')}
          value={address}
          disabled={props.disabled}
          onChange={(event) => setAddress(event.currentTarget.value)}
          onBlur={addAddress}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault();
              addAddress();
            }
          }}
        />
      </div>
    </Wrapper.Wrapper>
  );
}

const format = (value: unknown) => asParties(value).map(nameOf).join(', ');

/** People and addresses of an activity with their roles. */
export const parties: FieldType = {
  Display,
  Cell: ({ value }) => (asParties(value).length ? <Line>{format(value)}</Line> : null),
  Input,
  Filter: ({ value, onChange, attribute, autoFocus }) => (
    <TextInput size="sm" aria-label={attribute.label} autoFocus={autoFocus} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />
  ),
  parse: () => ({ ok: false, message: t('fields.pasteReference') }),
  format,
  compare: compareWith(format, compareTexts),
  width: 200,
};
