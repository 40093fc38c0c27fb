import { announcements } from './announcements';
import { fields } from './fields';
import { lists } from './lists';
import { record } from './record';
import { shell } from './shell';
import { ui } from './ui';

const core = { ...announcements, ...ui, ...fields, ...lists, ...record, ...shell };
export type CoreKey = keyof typeof core;
export default core;
