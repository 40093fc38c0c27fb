import { reference } from './references';

/** A reference to one record of one object. */
export const lookup = reference;
