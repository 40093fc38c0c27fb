/** Types only: the catalogs themselves are loaded with the route of their feature. */
import type { settings } from './settings';

export type FeatureCatalogs = { settings: typeof settings };
export type FeatureArea = keyof FeatureCatalogs;
type KeysOf<T> = T extends unknown ? keyof T : never;
export type FeatureKey = KeysOf<FeatureCatalogs[FeatureArea]>;
