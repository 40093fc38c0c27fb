import { Modal, Switch } from '@mantine/core';

import { useT } from '@/i18n';
import { usePreference } from '@/metadata';
import { Keys } from '@/ui/Keys';
import { setSingleKeyShortcuts, useShortcuts, type Shortcut } from '@/ui/shortcuts';
import classes from './ShortcutsDialog.module.css';

/** All shortcuts that work now, by group, and the switch for single letters. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const shortcuts = useShortcuts();
  const [single, setSingle] = usePreference('single_key_shortcuts', true);
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of shortcuts) {
    const group = shortcut.group ?? t('shortcuts.group.general');
    const list = groups.get(group) ?? [];
    if (!list.some((entry) => entry.keys === shortcut.keys)) groups.set(group, [...list, shortcut]);
  }
  return (
    <Modal opened onClose={onClose} title={t('shortcuts.title')} size={640} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <div className={classes.groups}>
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h3 className={classes.heading}>{group}</h3>
            {list.map((shortcut) => (
              <div key={shortcut.keys} className={classes.row}>
                <span>{shortcut.label}</span>
                <Keys keys={shortcut.keys} />
              </div>
            ))}
          </section>
        ))}
      </div>
      <Switch
        mt="lg"
        size="sm"
        label={t('shortcuts.single')}
        description={t('shortcuts.singleHelp')}
        checked={single}
        onChange={(event) => {
          setSingle(event.currentTarget.checked);
          setSingleKeyShortcuts(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
