import { errorMessage } from '@/api';
import { createImportMap, listImportMaps, type ImportDocument, type ImportMap } from '@/api/imports';
import { useT } from '@/i18n';
import { toast } from '@/ui';
import { Button, Group, Menu, Modal, TextInput } from '@mantine/core';
import { IconBookmark } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportEditor } from './useImport';

const MAPS_KEY = ['import-maps'];

/** Mappings saved for files of the same kind: apply one, or save this one. */
export function SavedMaps({ document, editor }: { document: ImportDocument; editor: ImportEditor }) {
  const t = useT();
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: MAPS_KEY, queryFn: ({ signal }) => listImportMaps(signal), staleTime: 60_000 });
  const [naming, setNaming] = useState<string | null>(null);
  const maps = data?.rows.filter((map) => map.object === document.object) ?? [];

  const apply = (map: ImportMap) => {
    // Columns are kept by their place; a file with fewer columns simply has fewer of them.
    const columns = Object.fromEntries(Object.entries(map.mapping.columns).filter(([index]) => document.columns.some((column) => column.index === Number(index))));
    editor.change({ mapping: { ...map.mapping, columns }, ...(map.match ? { match: map.match } : {}) });
    toast({ message: t('import.map.applied', { name: map.name }) });
  };
  const save = async () => {
    const name = naming?.trim();
    if (!name || !document.object) return;
    try {
      await editor.flush();
      await createImportMap({ name, object: document.object, mapping: editor.mapping, match: editor.match, headers: document.columns.map((column) => column.header) });
      void client.invalidateQueries({ queryKey: MAPS_KEY });
      toast({ kind: 'success', message: t('import.map.saved', { name }) });
      setNaming(null);
    } catch (error) {
      toast({ kind: 'error', message: errorMessage(error) });
    }
  };
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} stroke={1.75} />}>
            {t('import.map.title')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown miw={220}>
          {maps.length > 0 && <Menu.Label>{t('import.map.apply')}</Menu.Label>}
          {maps.map((map) => (
            <Menu.Item key={map.id} onClick={() => apply(map)}>
              {map.name}
            </Menu.Item>
          ))}
          {maps.length > 0 && <Menu.Divider />}
          <Menu.Item onClick={() => setNaming(document.file_name.replace(/\.[^.]+$/, ''))}>{t('import.map.save')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {naming !== null && (
        <Modal opened onClose={() => setNaming(null)} size={440} title={t('import.map.save')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            <TextInput label={t('import.map.name')} description={t('import.map.hint')} value={naming} maxLength={120} data-autofocus onChange={(event) => setNaming(event.currentTarget.value)} />
            <Group justify="flex-end" gap={8} mt="lg">
              <Button variant="default" onClick={() => setNaming(null)}>
                {t('ui.cancel')}
              </Button>
              <Button type="submit" disabled={!naming.trim()}>
                {t('ui.save')}
              </Button>
            </Group>
          </form>
        </Modal>
      )}
    </>
  );
}
