import { reference } from './references';

/** A reference to an account or a contact. */
export const customer = reference;
