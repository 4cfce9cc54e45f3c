/**
 * The report widget. In: the host (host.ts), which knows the page's options and sends. Out: one element in the document
 * with a shadow root, and reports given to `host.submit`. It never sends, stores or records anything itself, and while it
 * is open the recording is paused, so that nothing typed into it is ever recorded.
 */
import type { Widget, WidgetHost, WidgetPrefill } from './host.ts';
import { Panel } from './panel.ts';
import { applyStyle } from './style.ts';
import { language } from './texts/index.ts';

export type { Widget, WidgetHost } from './host.ts';

/** Kept from the page: its shortcuts, focus traps and outside-click handlers have no business with the widget. */
const KEPT_EVENTS = [
  'keydown', 'keyup', 'keypress', 'beforeinput', 'input', 'change', 'copy', 'cut', 'paste', 'dragenter', 'dragover', 'drop',
  'focusin', 'focusout', 'click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'touchend', 'submit',
];

/** Makes the widget; nothing is in the document before it is opened. */
export function createWidget(host: WidgetHost): Widget {
  const own = document.createElement('div');
  own.setAttribute('data-playhead', 'widget');
  const root = own.attachShadow({ mode: 'open' });
  applyStyle(root, host.styleNonce);
  for (const name of KEPT_EVENTS) own.addEventListener(name, (event) => event.stopPropagation());
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  let panel: Panel | undefined;
  let resume: (() => void) | undefined;

  const colour = (): void => {
    panel?.dialog.classList.toggle('dark', isDark(host.colorScheme, system.matches));
  };
  const onClose = (): void => {
    panel?.closed();
    system.removeEventListener('change', colour);
    own.remove();
    resume?.();
    resume = undefined;
    host.onClose?.();
  };
  const build = (): Panel => {
    const locale = host.locale || document.documentElement.lang || navigator.language || 'en';
    const built = new Panel(host, own, language(locale, host.texts));
    built.dialog.addEventListener('close', onClose);
    root.append(built.dialog);
    return built;
  };

  return {
    open(prefill: WidgetPrefill = {}) {
      panel ??= build();
      const wasOpen = panel.dialog.open;
      if (!wasOpen) {
        resume = host.pauseRecording();
        (document.body ?? document.documentElement).append(own);
        system.addEventListener('change', colour);
      }
      colour();
      panel.show(prefill);
      if (!wasOpen) host.onOpen?.();
    },
    close() {
      panel?.dialog.close();
    },
    destroy() {
      if (panel?.dialog.open) {
        panel.dialog.removeEventListener('close', onClose);
        panel.dialog.close();
        onClose();
      }
      own.remove();
      panel = undefined;
      root.replaceChildren();
    },
  };
}

/** A page that says which schemes it has decides; one that says nothing leaves it to the system. */
function isDark(option: WidgetHost['colorScheme'], systemIsDark: boolean): boolean {
  if (option === 'light' || option === 'dark') return option === 'dark';
  const schemes = getComputedStyle(document.documentElement).colorScheme.split(' ');
  const [hasLight, hasDark] = [schemes.includes('light'), schemes.includes('dark')];
  return hasLight === hasDark ? systemIsDark : hasDark;
}
