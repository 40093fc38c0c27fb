import type { settings as en } from '../../en/features/settings';

const settings: Record<keyof typeof en, string> = {
  'settings.title': 'Einstellungen',
};
export default settings;
