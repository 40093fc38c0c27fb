import { referenceField } from './references';

/** A reference to an account or a contact. */
export const customer = referenceField((attribute) => (attribute.targets?.length ? attribute.targets : ['account', 'contact']));
