/**
 * What rrweb can't tell: keys that act, clicks on disabled controls, file choosers, downloads, new tabs, popovers, print,
 * clipboard. Never here: characters of text, names of files, contents of the clipboard.
 */
import { patch } from '../util.ts';
import { told } from './actions.ts';
import type { Context } from './context.ts';

const KEYS = /^(Enter|Escape|Tab|Backspace|Delete|Home|End|PageUp|PageDown|Arrow\w+|F\d+|ContextMenu)$/;
/** In a field these edit text, and say nothing. */
const EDITS = /^(Backspace|Delete|Home|End|Arrow(Left|Right))$/;

export function recordUnseen(context: Context) {
  const { undo, mask } = context;
  const listen = (types: string, take: (event: any, target: Element) => void) => undo.listen(window, types, (event: Event) => {
    const target = event.composedPath()[0] ?? event.target;
    const element = target instanceof Element ? target : document.documentElement;
    if (!mask.isBlocked(event.target instanceof Element ? event.target : null) && !mask.isBlocked(element)) take(event, element);
  });
  recordKeys(context, listen);
  recordClicks(context, listen);
  // `toggle` comes later, and once for several changes.
  listen('beforetoggle', (event, target) => {
    if (target.hasAttribute('popover')) context.custom('$playhead.popover', { ...context.target(target), state: event.newState });
  });
  listen('copy cut paste', (event, target) => context.custom('$playhead.clipboard', { ...context.target(target), type: event.type }));
  undo.listen(window, 'beforeprint afterprint', (event: Event) => context.custom('$playhead.print', { state: event.type === 'beforeprint' ? 'open' : 'closed' }));
  listen('change cancel', (event, target) => {
    if (!isFileInput(target)) return;
    const files = event.type === 'change' ? [...(target.files ?? [])] : [];
    context.custom('$playhead.file_chooser', {
      ...context.target(target), state: event.type === 'change' ? 'chosen' : 'cancelled', files: files.length,
      ...(files.length ? { types: [...new Set(files.map((file) => file.type || 'unknown'))].slice(0, 10), bytes: files.reduce((sum, file) => sum + file.size, 0) } : {}),
    });
  });
  undo.add(patch(window, 'open', (original, isOn) => function (this: Window, ...args: Parameters<typeof open>) {
    const opened = original.apply(this ?? window, args);
    if (isOn()) newTab(context, 'script', String(args[0] ?? ''), { blocked: opened === null && !/noopener|noreferrer/.test(args[2] ?? '') });
    return opened;
  }));
}

type Listen = (types: string, take: (event: any, target: Element) => void) => void;

const isFileInput = (target: Element): target is HTMLInputElement => target instanceof HTMLInputElement && target.type === 'file';
const isTextField = (target: Element) => /^(INPUT|TEXTAREA)$/.test(target.tagName) || (target as HTMLElement).isContentEditable;

function recordKeys(context: Context, listen: Listen) {
  listen('keydown', (event: KeyboardEvent, target) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!event.isTrusted || event.repeat || event.isComposing || !key) return;
    // Alt and AltGr write characters; so does everything that has one and no Control or Command.
    const isShortcut = [...key].length === 1 && (ctrlKey || metaKey) && !altKey && !event.getModifierState('AltGraph');
    if (!isShortcut && (!KEYS.test(key) || (EDITS.test(key) && isTextField(target) && !ctrlKey && !metaKey))) return;
    const modifiers = [ctrlKey && 'Control', metaKey && 'Meta', altKey && 'Alt', shiftKey && 'Shift'].filter(Boolean);
    context.custom('$playhead.key', { ...context.target(target), key: isShortcut ? key.toLowerCase() : key, modifiers: modifiers.length ? modifiers : undefined });
  });
}

function recordClicks(context: Context, listen: Listen) {
  const { custom, redact, target: of } = context;
  // Disabled controls get no click; the press is all that there is.
  listen('pointerdown', (event: PointerEvent, target) => {
    const disabled = event.isTrusted && event.button === 0 && target.closest(':disabled,[aria-disabled=true]');
    if (disabled) custom('$playhead.disabled_click', { ...of(disabled), x: event.clientX, y: event.clientY });
  });
  const followed = (link: HTMLAnchorElement, by: string, isNewTab: boolean) => {
    if (link.hasAttribute('download') || /^blob:/.test(link.href)) {
      const extension = /\.(\w{1,8})$/.exec(link.download || link.pathname)?.[1];
      custom('$playhead.download', { ...of(link), by, url: redact.url(link.href), extension });
    } else if (isNewTab) newTab(context, by, link.href, of(link));
  };
  listen('click auxclick', (event: MouseEvent, target) => {
    if (isFileInput(target)) return void setTimeout(() => { if (!event.defaultPrevented) custom('$playhead.file_chooser', { ...of(target), state: 'opened', multiple: target.multiple }); });
    const link = target.closest('a[href]');
    if (!(link instanceof HTMLAnchorElement)) return;
    const isNewTab = event.ctrlKey || event.metaKey || event.button === 1 || !/^(_self|_top|_parent)?$/.test(link.target);
    setTimeout(() => { if (!event.defaultPrevented) followed(link, event.isTrusted ? 'link' : 'script', isNewTab); });
  });
  // A link outside of the document, as scripts make it for a download: its click never comes by.
  context.undo.add(patch(HTMLElement.prototype, 'click', (original, isOn) => function (this: HTMLElement) {
    if (isOn() && !this.isConnected) {
      if (this instanceof HTMLAnchorElement) followed(this, 'script', this.target === '_blank');
      else if (isFileInput(this)) custom('$playhead.file_chooser', { id: -1, state: 'opened', multiple: this.multiple });
    }
    return original.call(this);
  }));
}

function newTab(context: Context, by: string, url: string, more: object) {
  context.custom('$playhead.new_tab', { by, url: context.redact.url(url), ...more, ...told(context.actions.current()) });
}
