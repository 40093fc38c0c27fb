import { Input as Wrapper, Pill, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { Party } from '@/api/types';
import { useT } from '@/i18n';
import classes from '../fields.module.css';
import { nameOf, ROLE_KEYS } from '../parties';
import type { FieldAttribute, InputProps, Inputs } from '../types';
import { asParties } from '../values';
import { frameProps } from './frame';
import { LookupPicker } from './LookupPicker';

const targetsOf = (attribute: FieldAttribute) => (attribute.targets?.length ? attribute.targets : ['contact', 'account', 'lead', 'user']);

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

export const parties: Inputs = {
  Input,
  Filter: ({ value, onChange, attribute, autoFocus }) => (
    <TextInput size="sm" aria-label={attribute.label} autoFocus={autoFocus} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.currentTarget.value)} />
  ),
};
