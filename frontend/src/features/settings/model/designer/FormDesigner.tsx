import { Button, Menu, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconArrowBackUp, IconDots } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { dropChange, readEntityForm, type FormDefinition, type ObjectDefinition } from '@/api/customization';
import { errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { entityQuery, useObject, type Entity } from '@/metadata';
import { isWide } from '@/records/form';
import { confirm } from '@/ui/confirm';
import { useIsPhone } from '@/ui/responsive';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { useRoles } from '../../people/useRoles';
import settings from '../../settings.module.css';
import { fieldRows } from '../fieldRows';
import { draftOf, refreshDraft, useAddChange, useCustomization } from '../useDraft';
import { AddToZone } from './AddToZone';
import { Canvas } from './Canvas';
import classes from './designer.module.css';
import { draftEntity } from './draftEntity';
import { DesignerProvider, FieldList, type Placeable } from './FieldList';
import { FormPreview } from './FormPreview';
import { definitionFrom, definitionOfForm, drawnFrom, placedNames, plainDefinition, untitledTabs, type ListZone, type Zone } from './formDocument';
import { Palette } from './Palette';
import { useDrawing } from './useDrawing';

export const MAIN = 'main';
type Mode = 'draw' | 'desk' | 'phone';

/** The form of an object, of everybody or of one role: drawn, looked at, put into the draft (PLT-7). */
export function FormDesigner({ name }: { name: string }) {
  const t = useT();
  const object = useObject(name);
  const customization = useCustomization();
  const [variant, setVariant] = useState(MAIN);
  const published = useQuery({ ...entityQuery(name), enabled: !!object });
  const base = useQuery({ queryKey: ['metadata', 'entity', name, 'form', variant], queryFn: ({ signal }) => readEntityForm(name, variant, signal), enabled: !!object });
  const changes = customization.data?.draft.changes ?? [];
  const drafted = draftOf(changes, 'form', variant, name);
  const stored = customization.data?.body?.forms?.[name]?.[variant];
  const entity = useMemo(() => {
    const definition = (draftOf(changes, 'object', name)?.definition ?? {}) as ObjectDefinition;
    return draftEntity(name, published.data, definition, fieldRows(published.data, name, changes, customization.data?.body?.attributes?.[name]));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the changes are part of the customization
  }, [name, published.data, customization.data]);
  const error = customization.error ?? published.error ?? base.error;
  const known = customization.data && (!object || (published.data && base.data));
  // Reading again in the background must take nobody's drawing away, neither by failing nor by bringing another version.
  const wanted = `${variant}:${drafted?.id ?? ''}:${customization.data?.published_version ?? ''}`;
  const [shown, setShown] = useState(wanted);
  const [dirty, setDirty] = useState(false);
  if (shown !== wanted && !dirty) setShown(wanted);
  if (error && !known) return <ErrorState error={error} onRetry={() => void Promise.all([customization.refetch(), base.refetch()])} />;
  if (!customization.data || (object && (!published.data || !base.data))) return <SkeletonRows />;
  const start =
    drafted && drafted.operation !== 'delete'
      ? (drafted.definition as FormDefinition)
      : (stored ?? (base.data ? definitionOfForm(base.data.forms.main, base.data.forms.quick_create) : plainDefinition(entity)));
  return (
    <>
      <Drawing
        key={shown}
        name={name}
        variant={variant}
        onVariant={setVariant}
        entity={entity}
        start={start}
        changeId={drafted?.id ?? null}
        own={!!stored || (!!drafted && drafted.operation !== 'delete')}
        stored={!!stored}
        onDirty={setDirty}
      />
      {object && <p className={classes.hint}>{t('designer.keys')}</p>}
    </>
  );
}

interface DrawingProps {
  name: string;
  variant: string;
  onVariant: (variant: string) => void;
  entity: Entity;
  start: FormDefinition;
  changeId: string | null;
  /** This role has a form of its own. */
  own: boolean;
  stored: boolean;
  /** Whether there is something drawn that nothing may replace. */
  onDirty: (dirty: boolean) => void;
}

function Drawing({ name, variant, onVariant, entity, start, changeId, own, stored, onDirty }: DrawingProps) {
  const t = useT();
  const client = useQueryClient();
  const phone = useIsPhone();
  const add = useAddChange();
  const { roles } = useRoles();
  const drawing = useDrawing(useState(() => drawnFrom(start))[0]);
  const { form, change, dirty } = drawing;
  const [mode, setMode] = useState<Mode>('draw');
  const [tab, setTab] = useState(form.tabs[0]!.id);
  useEffect(() => onDirty(dirty), [dirty, onDirty]);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);

  const fields = useMemo(() => new Map<string, Placeable>(entity.attributes.map((attribute) => [attribute.name, { label: attribute.label, type: attribute.type, required: attribute.required && !attribute.read_only, wide: isWide(attribute) }])), [entity]);
  const relations = useMemo(() => new Map<string, Placeable>(entity.relationships.map((entry) => [entry.name, { label: entry.label, type: null }])), [entity]);
  const definition = useMemo(() => definitionFrom(form, new Set(fields.keys()), new Set(relations.keys())), [form, fields, relations]);
  const placed = placedNames(form);
  // What people look for comes before what the workspace keeps by itself.
  const kept = new Set(entity.attributes.filter((attribute) => attribute.system).map((attribute) => attribute.name));
  const all = [...fields].map(([field, what]) => ({ name: field, ...what })).sort((a, b) => Number(kept.has(a.name)) - Number(kept.has(b.name)));
  const free = all.filter((field) => !placed.has(field.name));
  const missing = free.filter((field) => field.required && entity.attributes.find((attribute) => attribute.name === field.name)?.default == null);
  const notIn = (zone: ListZone) => all.filter((field) => !form[zone].includes(field.name));
  const lists: Record<ListZone, string> = { header: t('designer.header'), quick_create: t('designer.quickCreate'), related: t('designer.related') };
  const places = (zone: Zone) =>
    zone in lists ? [] : form.tabs.flatMap((entry) => entry.sections.map((section, index) => ({ zone: section.id, label: `${entry.label} › ${section.label || t('designer.section', { n: index + 1 })}` }))).filter((entry) => entry.zone !== zone);

  const save = () =>
    add.mutate(
      { kind: 'form', operation: 'update', object: name, name: variant, definition },
      {
        onSuccess: () => {
          onDirty(false);
          toast({ message: t('designer.saved'), kind: 'success' });
        },
        onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
      },
    );
  const leave = async (then: () => void) => {
    if (!dirty || (await confirm({ title: t('designer.leaveTitle'), body: t('designer.leaveBody'), confirmLabel: t('designer.leave'), destructive: true }))) {
      onDirty(false);
      then();
    }
  };
  const dropDraft = async () => {
    onDirty(false);
    if (changeId) await dropChange(changeId).catch((error: unknown) => toast({ message: errorMessage(error), kind: 'error' }));
    await refreshDraft(client);
  };
  const asDelivered = () => {
    if (!stored) return void dropDraft();
    add.mutate(
      { kind: 'form', operation: 'delete', object: name, name: variant, definition: {} },
      {
        onSuccess: () => {
          onDirty(false);
          toast({ message: t(variant === MAIN ? 'designer.willReset' : 'designer.willRemove') });
        },
        onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
      },
    );
  };

  return (
    <div data-designer>
      <div className={classes.bar}>
        <NativeSelect
          size="sm"
          aria-label={t('designer.whose')}
          value={variant}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            void leave(() => onVariant(chosen));
          }}
          data={[{ value: MAIN, label: t('designer.everybody') }, ...(roles ?? []).map((role) => ({ value: role.id, label: t('designer.role', { name: role.name ?? '' }) }))]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('designer.mode')}
          value={mode}
          onChange={(value) => setMode(value as Mode)}
          data={(['draw', 'desk', 'phone'] as const).map((value) => ({ value, label: t(`designer.mode.${value}`) }))}
        />
        <span className={classes.fill} />
        <Button size="xs" variant="default" leftSection={<IconArrowBackUp size={16} stroke={1.75} />} disabled={!drawing.undo} onClick={() => drawing.undo?.()}>{t('designer.undo')}</Button>
        {(own || changeId) && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="xs" variant="default" aria-label={t('ui.more')} px={8}><IconDots size={16} stroke={1.75} /></Button>
            </Menu.Target>
            <Menu.Dropdown>
              {changeId && <Menu.Item onClick={() => void dropDraft()}>{t('designer.dropDraft')}</Menu.Item>}
              {own && <Menu.Item color="red" onClick={asDelivered}>{t(variant === MAIN ? 'designer.reset' : 'designer.remove')}</Menu.Item>}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {variant !== MAIN && !own && <p className={classes.note}>{t('designer.roleUsesMain')}</p>}
      {missing.length > 0 && mode === 'draw' && <p className={`${classes.note} ${classes.warn}`} role="status">{t('designer.missing', { fields: missing.map((field) => field.label).join(', ') })}</p>}
      {mode !== 'draw' ? (
        <FormPreview entity={entity} definition={definition} phone={mode === 'phone'} />
      ) : (
        <DesignerProvider value={{ form, change, find: (zone, field) => (zone === 'related' ? relations : fields).get(field), places }}>
          <div className={classes.work}>
            {!phone && <Palette free={free} />}
            <Canvas tabId={tab} onTab={setTab} free={free} />
            <div className={classes.side}>
              {(['header', 'related', 'quick_create'] as const).map((zone) => (
                <section key={zone} className={classes.card} aria-label={lists[zone]}>
                  <div className={classes.cardHead}><h3>{lists[zone]}</h3></div>
                  <p className={classes.cardHelp}>{t(`designer.help.${zone}`)}</p>
                  <FieldList zone={zone} empty={t(zone === 'related' ? 'designer.noLists' : 'designer.dropHere')} />
                  <AddToZone
                    zone={zone}
                    label={t(zone === 'related' ? 'designer.addList' : 'designer.addField')}
                    choices={zone === 'related' ? [...relations].filter(([relation]) => !form.related.includes(relation)).map(([relation, what]) => ({ name: relation, ...what })) : notIn(zone)}
                  />
                </section>
              ))}
            </div>
          </div>
        </DesignerProvider>
      )}
      {dirty && (
        <div className={settings.saveBar}>
          <span>{t('designer.unsaved')}</span>
          <Button size="xs" loading={add.isPending} disabled={untitledTabs(form).length > 0} onClick={save}>{t('field.addToDraft')}</Button>
        </div>
      )}
    </div>
  );
}
