import { afterEach, describe, expect, it } from 'vitest';

import { setFormatting } from '@/ui/formatting';
import { endAfter, endText } from './ends';

const use = (timeZone: string) => setFormatting({ locale: 'en-GB', timeZone, currency: 'EUR', dateFormat: null });
afterEach(() => use('Europe/Berlin'));

describe('the end of a share', () => {
  it('counts the whole last day where the user is, not where the browser runs', () => {
    use('Europe/Berlin');
    expect(endAfter('2026-11-30')).toBe('2026-11-30T23:00:00Z');
    use('America/New_York');
    expect(endAfter('2026-11-30')).toBe('2026-12-01T05:00:00Z');
    use('Asia/Tokyo');
    expect(endAfter('2026-12-31')).toBe('2026-12-31T15:00:00Z');
  });

  it('is shown as the day that was chosen; another moment with its time', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC']) {
      use(zone);
      expect(endText(endAfter('2026-03-29'))).toBe('29 Mar 2026');
    }
    expect(endText('2026-03-29T09:30:00Z')).toBe('29 Mar 2026, 09:30');
  });
});
