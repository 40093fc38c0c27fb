import { ActionIcon, Button, Menu, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots, IconLanguage, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';

import { LANGUAGES, useT } from '@/i18n';
import { useSession } from '@/metadata';
import { AddToZone } from './AddToZone';
import classes from './designer.module.css';
import { FieldList, mayDrop, useDesigner, type Placeable } from './FieldList';
import { addSection, addTab, changeSection, changeTab, moveSection, moveSectionTo, moveTab, newId, removeSection, removeTab, type DrawnSection, type DrawnTab } from './formDocument';

interface Props {
  tabId: string;
  onTab: (id: string) => void;
  /** Fields that stand nowhere on the form. */
  free: (Placeable & { name: string })[];
}

/** The form as it is drawn: its tabs, and the sections of the open one. */
export function Canvas({ tabId, onTab, free }: Props) {
  const t = useT();
  const { form, change } = useDesigner();
  const tab = form.tabs.find((entry) => entry.id === tabId) ?? form.tabs[0]!;
  const addAndOpen = () => {
    const id = newId();
    change((before) => addTab(before, t('designer.newTab'), id));
    onTab(id);
  };
  const addTo = (tabOfSection: string) => {
    const id = newId();
    change((before) => addSection(before, tabOfSection, '', id));
  };
  return (
    <div className={classes.canvas}>
      <div className={classes.tabs} role="tablist" aria-label={t('designer.tabs')}>
        {form.tabs.map((entry) => (
          <button
            key={entry.id}
            type="button"
            role="tab"
            aria-selected={entry === tab}
            className={classes.tab}
            onClick={() => onTab(entry.id)}
            // A field held over a tab opens it, so that it can be dropped there.
            onDragOver={(event) => mayDrop(event, entry.id) && entry !== tab && onTab(entry.id)}
          >
            {entry.label || t('designer.untitled')}
          </button>
        ))}
        <Tooltip label={t('designer.addTab')}>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('designer.addTab')} onClick={addAndOpen}>
            <IconPlus size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TabHead key={tab.id} tab={tab} />
      {tab.sections.map((section, index) => (
        <Section key={section.id} section={section} tab={tab} index={index} free={free} />
      ))}
      <Button size="xs" variant="default" leftSection={<IconPlus size={16} stroke={1.75} />} style={{ alignSelf: 'flex-start' }} onClick={() => addTo(tab.id)}>
        {t('designer.addSection')}
      </Button>
    </div>
  );
}

function TabHead({ tab }: { tab: DrawnTab }) {
  const t = useT();
  const { form, change } = useDesigner();
  const at = form.tabs.indexOf(tab);
  return (
    <div className={classes.bar} style={{ margin: 0 }}>
      <TextInput size="xs" w={220} aria-label={t('designer.tabName')} placeholder={t('designer.tabName')} maxLength={60} value={tab.label} error={!tab.label.trim()} onChange={({ currentTarget: { value } }) => change((before) => changeTab(before, tab.id, { label: value }))} />
      <Translate label={tab.label} labels={tab.labels} onChange={(labels) => change((before) => changeTab(before, tab.id, { labels }))} />
      <span className={classes.fill} />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-xs" variant="subtle" color="gray">{t('designer.tabMenu')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={at === 0} onClick={() => change((before) => moveTab(before, tab.id, -1))}>{t('designer.tabLeft')}</Menu.Item>
          <Menu.Item disabled={at === form.tabs.length - 1} onClick={() => change((before) => moveTab(before, tab.id, 1))}>{t('designer.tabRight')}</Menu.Item>
          <Menu.Item color="red" disabled={form.tabs.length === 1} onClick={() => change((before) => removeTab(before, tab.id))}>{t('designer.removeTab')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Section({ section, tab, index, free }: { section: DrawnSection; tab: DrawnTab; index: number; free: Props['free'] }) {
  const t = useT();
  const { form, change } = useDesigner();
  const name = section.label || t('designer.section', { n: index + 1 });
  const others = form.tabs.filter((entry) => entry.id !== tab.id);
  return (
    <section className={classes.card} aria-label={name}>
      <div className={classes.cardHead}>
        <TextInput size="xs" variant="unstyled" className={classes.sectionTitle} aria-label={t('designer.sectionName')} placeholder={t('designer.sectionNamePlaceholder')} maxLength={60} value={section.label} onChange={({ currentTarget: { value } }) => change((before) => changeSection(before, section.id, { label: value }))} />
        {section.label && <Translate label={section.label} labels={section.labels} onChange={(labels) => change((before) => changeSection(before, section.id, { labels }))} />}
        <NativeSelect
          size="xs"
          aria-label={t('designer.columns')}
          value={String(section.columns)}
          onChange={({ currentTarget: { value } }) => change((before) => changeSection(before, section.id, { columns: Number(value) }))}
          data={[1, 2, 3, 4].map((count) => ({ value: String(count), label: t('designer.columnCount', { count }) }))}
        />
        <Tooltip label={t('designer.sectionUp')}>
          <ActionIcon variant="subtle" color="gray" size={28} disabled={index === 0} aria-label={t('designer.sectionUp')} onClick={() => change((before) => moveSection(before, section.id, -1))}>
            <IconArrowUp size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('designer.sectionDown')}>
          <ActionIcon variant="subtle" color="gray" size={28} disabled={index === tab.sections.length - 1} aria-label={t('designer.sectionDown')} onClick={() => change((before) => moveSection(before, section.id, 1))}>
            <IconArrowDown size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('designer.sectionMenu', { name })}>
              <IconDots size={16} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((entry) => (
              <Menu.Item key={entry.id} onClick={() => change((before) => moveSectionTo(before, section.id, entry.id))}>{t('designer.sectionTo', { tab: entry.label })}</Menu.Item>
            ))}
            <Menu.Item color="red" onClick={() => change((before) => removeSection(before, section.id))}>{t('designer.removeSection')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <FieldList zone={section.id} columns={section.columns} empty={t('designer.dropHere')} />
      <AddToZone zone={section.id} label={t('designer.addField')} choices={free} />
    </section>
  );
}

/** The same title in the workspace's other languages. */
function Translate({ label, labels, onChange }: { label: string; labels: Record<string, string>; onChange: (labels: Record<string, string>) => void }) {
  const t = useT();
  const { workspace } = useSession();
  const [open, setOpen] = useState(false);
  const filled = Object.values(labels).filter(Boolean).length;
  return (
    <Menu opened={open} onChange={setOpen} position="bottom-start" closeOnItemClick={false} trapFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color={filled ? undefined : 'gray'} size={28} title={filled ? t('designer.translated', { count: filled }) : t('designer.translate')} aria-label={`${t('designer.translate')}: ${label}`}>
          <IconLanguage size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown p={8} miw={240}>
        {Object.entries(LANGUAGES)
          .filter(([language]) => language !== workspace.language)
          .map(([language, name]) => (
            <TextInput
              key={language}
              size="xs"
              mb={6}
              label={name}
              lang={language}
              placeholder={label}
              maxLength={60}
              value={labels[language] ?? ''}
              onChange={(event) => {
                const { [language]: _gone, ...rest } = labels;
                const value = event.currentTarget.value;
                onChange(value ? { ...rest, [language]: value } : rest);
              }}
              onKeyDown={(event) => event.stopPropagation()}
            />
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
