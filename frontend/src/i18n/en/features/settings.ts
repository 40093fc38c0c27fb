/** Texts of the settings area. */
export const settings = {
  'settings.title': 'Settings',
} as const;
export default settings;
