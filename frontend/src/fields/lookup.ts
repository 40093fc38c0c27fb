import { referenceField } from './references';

/** A reference to one record of one object. */
export const lookup = referenceField((attribute) => attribute.targets ?? []);
