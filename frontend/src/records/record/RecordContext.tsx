/** What the parts of one open record share: the record, its rights, and the way to save. */
import type { FullRecord, RecordAccess } from '@/api';
import { stateOf, type Entity } from '@/metadata';
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import type { Editability, Values } from '../form';
import { ConflictDialog } from './ConflictDialog';
import type { ConflictField } from './conflict';
import { useSaveRecord, type Save } from './useRecord';

export interface OpenRecord {
  entity: Entity;
  record: FullRecord;
  access: RecordAccess;
  editability: Editability;
  save: Save;
}

const NO_ACCESS: RecordAccess = { write: false, delete: false, append_to: false, assign: false, share: false };
const Context = createContext<OpenRecord | null>(null);

interface Question {
  fields: ConflictField[];
  answer: (values: Values | null) => void;
}

/** Makes a record available to the parts of its page and asks when two people changed the same field. */
export function RecordProvider({ entity, record, children }: { entity: Entity; record: FullRecord; children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const ask = useCallback(
    (fields: ConflictField[]) =>
      new Promise<Values | null>((resolve) => {
        setQuestion({
          fields,
          answer: (values) => {
            setQuestion(null);
            resolve(values);
          },
        });
      }),
    [],
  );
  const save = useSaveRecord(entity, record.id, ask);
  const value = useMemo<OpenRecord>(() => {
    const access = record.privileges ?? NO_ACCESS;
    const closed = stateOf(entity, record.state as string | null)?.closed ?? false;
    return { entity, record, access, save, editability: { mayWrite: access.write, closed, isNew: false, masked: record.masked } };
  }, [entity, record, save]);
  return (
    <Context.Provider value={value}>
      {children}
      {question && <ConflictDialog entity={entity} record={record} fields={question.fields} onAnswer={question.answer} />}
    </Context.Provider>
  );
}

/** The record whose page or panel this part stands in. */
export function useOpenRecord(): OpenRecord {
  const value = useContext(Context);
  if (!value) throw new Error('useOpenRecord needs a RecordProvider above it');
  return value;
}
