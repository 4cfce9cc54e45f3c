/**
 * The launcher and the shortcut, and the widget behind them, whose script is loaded when it is first opened.
 * In: options. Out: an opened widget. Never here: how the widget looks.
 */
import type { Settings } from './options.ts';
import type { Events, ReportInput, User } from './types.ts';
import { quietly, undoList } from './util.ts';
import type { CreateWidget, SubmittedReport, Widget, WidgetHost, WidgetPrefill } from './widget/host.ts';

const ATTACHMENT_BYTES_MAX = 10 << 20;

/** What the second bundle holds. */
export interface Lazy {
  createWidget: CreateWidget;
  sendReport: typeof import('./report.ts').sendReport;
}
/** Loads it: beside the script, or by a dynamic import. */
export type LoadLazy = (settings: Settings) => Promise<Lazy>;

export interface LoaderHost {
  user(): User;
  isMasked(element: Element): boolean;
  report(report: ReportInput, onProgress?: (fraction: number) => void): Promise<SubmittedReport>;
  pauseRecording(): () => void;
  tell<K extends keyof Events>(name: K, value: Events[K]): void;
}

export function createWidgetLoader(settings: Settings, load: LoadLazy, host: LoaderHost) {
  const o = settings.widget ?? {};
  const undo = undoList();
  let loading: Promise<Widget> | undefined;

  const widgetHost = (): WidgetHost => ({
    ...o, styleNonce: settings.nonce, attachmentBytesMax: ATTACHMENT_BYTES_MAX,
    user: host.user, isMasked: host.isMasked, pauseRecording: host.pauseRecording, submit: host.report,
    onOpen: () => host.tell('open', undefined), onClose: () => host.tell('close', undefined),
  });
  async function open(prefill?: WidgetPrefill) {
    loading ??= load(settings).then(({ createWidget }) => createWidget(widgetHost()));
    try {
      (await loading).open(prefill);
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }
  const close = () => { void loading?.then((widget) => widget.close(), () => {}); };
  const openQuietly = () => { open().catch((error) => console.warn(error)); };

  if (o.shortcut) undo.listen(window, 'keydown', (event: KeyboardEvent) => {
    if (!isShortcut(event, o.shortcut!)) return;
    event.preventDefault();
    openQuietly();
  });
  if (o.launcher) {
    const draw = () => undo.add(drawLauncher(o.launcher!, openQuietly));
    document.body ? draw() : document.addEventListener('DOMContentLoaded', draw, { once: true });
  }
  return {
    open, close,
    destroy() {
      undo.run();
      void loading?.then((widget) => widget.destroy(), () => {});
    },
  };
}

function isShortcut(event: KeyboardEvent, shortcut: string): boolean {
  const pressed = [event.ctrlKey && 'Control', event.altKey && 'Alt', event.shiftKey && 'Shift', event.metaKey && 'Meta', event.key];
  const sorted = (keys: unknown[]) => keys.filter(Boolean).sort().join('+').toLowerCase();
  return sorted(pressed) === sorted(shortcut.split('+'));
}

/** A button in a shadow root of its own; no style attribute, no style element: strict policies allow it. */
function drawLauncher(launcher: NonNullable<WidgetHost['launcher']>, onClick: () => void): () => void {
  const { position = 'bottom-right', label = 'Report a bug' } = typeof launcher === 'object' ? launcher : {};
  const place = document.createElement('div');
  place.setAttribute('data-playhead', 'launcher');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  const [vertical, horizontal] = position.split('-') as ['bottom', 'right'];
  quietly(() => Object.assign(button.style, {
    position: 'fixed', [vertical]: '16px', [horizontal]: '16px', zIndex: '2147483646', minHeight: '44px', padding: '0 16px',
    border: 0, borderRadius: '22px', background: '#1f2937', color: '#fff', font: '14px system-ui', cursor: 'pointer',
  }));
  button.addEventListener('click', onClick);
  place.attachShadow({ mode: 'open' }).append(button);
  document.body.append(place);
  return () => place.remove();
}
