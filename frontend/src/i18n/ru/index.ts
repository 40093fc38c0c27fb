import type { CoreKey } from '../en';

/** What is not here is shown in English. */
const core: Partial<Record<CoreKey, string>> = {};
export default core;
