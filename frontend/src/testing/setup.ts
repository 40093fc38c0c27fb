import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, beforeAll, vi } from 'vitest';

import { preloadInputs } from '@/fields';
import { loadFeatureTexts, setLanguage } from '@/i18n';
import { setFormatting } from '@/ui/formatting';

// The test document has no font set, which growing text areas listen to.
if (!document.fonts) Object.defineProperty(document, 'fonts', { value: new EventTarget() });

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
