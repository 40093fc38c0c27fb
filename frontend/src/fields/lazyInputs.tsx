/** Inputs on demand: lists are drawn without them, the first form or edited cell fetches all at once. */
import { createElement, Suspense, use } from 'react';

import type * as InputsModule from './inputs';
import type { LookupPickerProps } from './inputs/LookupPicker';
import type { FilterProps, InputProps, Inputs } from './types';

type Loading = Promise<typeof InputsModule> & { status?: 'fulfilled'; value?: typeof InputsModule };

let loading: Loading | null = null;

/** Fetch the inputs ahead of their first use, for example while the browser is idle. */
export function preloadInputs(): Promise<typeof InputsModule> {
  if (!loading) {
    const started: Loading = import('./inputs');
    // React reads a fulfilled promise at once instead of waiting another turn.
    void started.then((module) => Object.assign(started, { status: 'fulfilled', value: module }));
    loading = started;
  }
  return loading;
}

/** The module: at once when it is there, else the component waits for it. */
const useInputs = () => use(preloadInputs());

/** Keeps the place of an input that is being fetched, so that nothing jumps. */
const Place = () => <div style={{ minHeight: 32 }} />;

const of = (module: typeof InputsModule, type: string): Inputs => (module.inputs as Record<string, Inputs>)[type] ?? module.inputs.text;

const Input = (props: InputProps) => createElement(of(useInputs(), props.attribute.type).Input, props);
const Filter = (props: FilterProps) => createElement(of(useInputs(), props.attribute.type).Filter, props);
const Lookup = (props: LookupPickerProps) => createElement(useInputs().LookupPicker, props);

/** The input of any type. */
export const LazyInput = (props: InputProps) => <Suspense fallback={<Place />}><Input {...props} /></Suspense>;
/** The filter value of any type. */
export const LazyFilter = (props: FilterProps) => <Suspense fallback={<Place />}><Filter {...props} /></Suspense>;
/** Find a record of some objects. */
export const LookupPicker = (props: LookupPickerProps) => <Suspense fallback={<Place />}><Lookup {...props} /></Suspense>;
