import { announcements } from './announcements';
import type { CoreKey } from '../en';
import { fields } from './fields';
import { lists } from './lists';
import { record } from './record';
import { shell } from './shell';
import { ui } from './ui';

const core: Record<CoreKey, string> = { ...announcements, ...ui, ...fields, ...lists, ...record, ...shell };
export default core;
