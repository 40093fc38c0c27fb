import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, beforeAll, vi } from 'vitest';

import { preloadInputs } from '@/fields';
import { loadFeatureTexts, setLanguage } from '@/i18n';
import { setFormatting } from '@/ui/formatting';

beforeAll(async () => {
  await setLanguage('en');
  await preloadInputs();
  await loadFeatureTexts('settings');
  setFormatting({ locale: 'en-GB', timeZone: 'Europe/Berlin', currency: 'EUR', dateFormat: null });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});
