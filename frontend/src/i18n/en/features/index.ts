/** Types only: the catalogs themselves are loaded with the route of their feature. */
import type { importTexts } from './import';
import type { calendar } from './calendar';
import type { designers } from './designers';
import type { duplicates } from './duplicates';
import type { members } from './members';
import type { personal } from './personal';
import type { undo } from './undo';
import type { dashboards } from './dashboards';
import type { onboarding } from './onboarding';
import type { recycleBin } from './recycle-bin';
import type { settings } from './settings';

export type FeatureCatalogs = { calendar: typeof calendar; dashboards: typeof dashboards; duplicates: typeof duplicates; undo: typeof undo; designers: typeof designers; import: typeof importTexts; members: typeof members; onboarding: typeof onboarding; personal: typeof personal; 'recycle-bin': typeof recycleBin; settings: typeof settings };
export type FeatureArea = keyof FeatureCatalogs;
type KeysOf<T> = T extends unknown ? keyof T : never;
export type FeatureKey = KeysOf<FeatureCatalogs[FeatureArea]>;
