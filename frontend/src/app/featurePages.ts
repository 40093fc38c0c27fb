/**
 * Pages of features: `features/<name>/route.tsx` exports its page as default and is shown at `/<name>` and below.
 * Its texts, `i18n/<language>/features/<name>.ts`, load with it.
 */
import type { ComponentType } from 'react';

import type { FeatureArea } from '@/i18n/en/features';

type PageModule = { default: ComponentType };

const modules = import.meta.glob<PageModule>('../features/*/route.tsx');

export const featurePages: { name: string; area: FeatureArea; load: () => Promise<PageModule> }[] = Object.entries(modules).map(([path, load]) => {
  const name = path.split('/').at(-2)!;
  return { name, area: name as FeatureArea, load };
});

/** Whether a feature with this name has a page in this build. */
export const hasFeaturePage = (name: string): boolean => featurePages.some((page) => page.name === name);
