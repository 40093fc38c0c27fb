import { referenceField } from './references';

/** What an activity is about: a record of any object that has activities. */
export const regarding = referenceField((attribute) =>
  attribute.targets?.length ? attribute.targets : ['account', 'contact', 'lead', 'opportunity'],
);
