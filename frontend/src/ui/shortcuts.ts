/**
 * Keyboard shortcuts: one registry, listed by the `?` dialog. Single characters never fire in inputs and can be
 * switched off (WCAG 2.1.4). Notation: `mod+k` (Ctrl, or Cmd on a Mac), `shift+enter`, `g d` (one after the other), `?`.
 */
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';

export interface ShortcutOptions {
  /** What it does, for the dialog; without it the shortcut is not listed. */
  label?: string;
  group?: string;
  enabled?: boolean;
  /** Also while typing in an input; for combinations with Ctrl or Cmd only. */
  inInputs?: boolean;
}

export interface Shortcut extends ShortcutOptions {
  keys: string;
  run: (event: KeyboardEvent) => void;
  /** How many dialogs were open when it was registered. */
  modals: number;
}

const openModals = () => document.querySelectorAll('[aria-modal=true]').length;
const SEQUENCE_MS = 1200;
/** Longest wait for an input that was announced; after it the keys mean shortcuts again. */
const HOLD_MS = 3000;
const PRESSED_BY_SPACE = 'button, a, summary, input, [role=button], [role=tab], [role=option]';
const registered: Shortcut[] = [];
const listeners = new Set<() => void>();
let snapshot: readonly Shortcut[] = [];
let singleKeys = true;
let prefix: { key: string; at: number } | null = null;
/** Set while an editor or dialog is opening: what was typed meanwhile, for its first input. */
let held: { until: number; text: string } | null = null;

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** Switch shortcuts without Ctrl, Cmd or Alt on or off. */
export function setSingleKeyShortcuts(on: boolean): void {
  singleKeys = on;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [role=textbox]');
}

function keyOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('mod');
  if (event.altKey) parts.push('alt');
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
  // Shift is part of the character for signs such as ? and of no use for letters.
  if (event.shiftKey && (event.key.length > 1 || parts.length || /[a-z]/i.test(event.key))) parts.push('shift');
  return [...parts, key === ' ' ? 'space' : key].join('+');
}

const hasModifier = (keys: string) => /(^|\+)(mod|alt)\+/.test(keys);
/** Keys that carry no character may be used bare: Escape, Enter, arrows. */
const isCharacter = (keys: string) => !hasModifier(keys) && keys.split(' ').some((step) => step.replace('shift+', '').length === 1);

/**
 * An input is about to take the focus: characters typed until then belong to it and are no shortcuts.
 * Ends when an input has the focus, with Escape, or after three seconds.
 */
export function holdTyping(): void {
  if (!isTyping(document.activeElement)) held = { until: Date.now() + HOLD_MS, text: '' };
}

/** Hold the typing from the moment this component is shown. */
export function useTypingHold(): void {
  useLayoutEffect(holdTyping, []);
}

/** Stands in for an editor or dialog that is being fetched, so that keys pressed meanwhile reach it and not the page. */
export function Opening(): null {
  useTypingHold();
  return null;
}

function giveHeldTo(target: EventTarget | null): void {
  if (!held || !isTyping(target)) return;
  const { text } = held;
  held = null;
  // The input's own handlers run first: some select or place the cursor on focus.
  if (text) setTimeout(() => document.activeElement === target && document.execCommand('insertText', false, text));
}

/** Whether the key belongs to an input that is still opening. */
function keepForInput(event: KeyboardEvent): boolean {
  if (held && Date.now() > held.until) held = null;
  if (!held || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === ' ' && event.target instanceof HTMLElement && event.target.closest(PRESSED_BY_SPACE)) return false;
  if (event.key === 'Escape') held = null;
  else if (event.key.length === 1) held.text += event.key;
  else if (event.key === 'Backspace') held.text = held.text.slice(0, -1);
  else return false;
  if (held) event.preventDefault();
  return held !== null;
}

/** Handle one key press; exported for the tests. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return;
  const typing = isTyping(event.target);
  if (!typing && keepForInput(event)) return;
  const key = keyOf(event);
  const sequence = prefix && Date.now() - prefix.at < SEQUENCE_MS ? `${prefix.key} ${key}` : null;
  prefix = null;
  // Keys of the page rest while a dialog covers it.
  const modals = openModals();
  const usable = (shortcut: Shortcut) =>
    shortcut.enabled !== false && (hasModifier(shortcut.keys) || shortcut.modals >= modals) && (!typing || (hasModifier(shortcut.keys) && shortcut.inInputs !== false) || shortcut.inInputs === true) && (singleKeys || !isCharacter(shortcut.keys));
  // The latest registration wins: a dialog's keys cover those of the page below.
  const find = (keys: string) => [...registered].reverse().find((shortcut) => shortcut.keys === keys && usable(shortcut));
  const hit = (sequence ? find(sequence) : undefined) ?? find(key);
  if (hit) {
    event.preventDefault();
    hit.run(event);
  } else if (!typing && singleKeys && registered.some((shortcut) => shortcut.keys.startsWith(`${key} `))) {
    prefix = { key, at: Date.now() };
  }
}

if (typeof window !== 'undefined') {
  window.addEventListener('keydown', handleKey);
  window.addEventListener('focusin', (event) => giveHeldTo(event.target));
}

function changed() {
  snapshot = [...registered];
  listeners.forEach((listener) => listener());
}

/** Listen to a shortcut while the component is mounted. */
export function useShortcut(keys: string, run: (event: KeyboardEvent) => void, options: ShortcutOptions = {}): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const { label, group, enabled, inInputs } = options;
  useEffect(() => {
    const entry: Shortcut = { keys, label, group, enabled, inInputs, modals: openModals(), run: (event) => latest.current(event) };
    registered.push(entry);
    changed();
    return () => {
      registered.splice(registered.indexOf(entry), 1);
      changed();
    };
  }, [keys, label, group, enabled, inInputs]);
}

/** All registered shortcuts that have a label. */
export function useShortcuts(): readonly Shortcut[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => snapshot,
  );
  return all.filter((shortcut) => shortcut.label);
}

const NAMES: Record<string, string> = { enter: '↵', escape: 'Esc', arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→', space: '␣' };

/** How a combination is written for people: `Ctrl K` or `⌘ K`. */
export function keyLabels(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => (key === 'mod' ? (isMac ? '⌘' : 'Ctrl') : key === 'shift' ? '⇧' : key === 'alt' ? (isMac ? '⌥' : 'Alt') : (NAMES[key] ?? key.toUpperCase())));
}
