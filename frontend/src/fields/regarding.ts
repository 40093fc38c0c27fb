import { reference } from './references';

/** What an activity is about: a record of any object that has activities. */
export const regarding = reference;
