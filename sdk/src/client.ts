/**
 * The SDK as a page sees it, once it is initialised. In: calls of the page, the life of the page. Out: a recording, its
 * uploads, reports. Never here: how anything is recorded or sent.
 */
import { createDeliver } from './deliver/deliver.ts';
import { settings as settle } from './options.ts';
import { createMask } from './privacy/mask.ts';
import { createRedact } from './privacy/redact.ts';
import { recordError } from './record/console.ts';
import { takeFullSnapshot } from './record/dom.ts';
import { startRecorder, type Recorder } from './recorder.ts';
import { openSession } from './session/session.ts';
import type { ErrorHint, Events, Options, ReportInput, SessionInfo, User } from './types.ts';
import { quietly, undoList } from './util.ts';
import { createWidgetLoader, type LoadLazy } from './widget-loader.ts';
import type { SubmittedReport, WidgetPrefill } from './widget/host.ts';

declare const __VERSION__: string;
export const version: string = __VERSION__;

type Listener = (value: any) => void;

export function createClient(options: Options, script: string | undefined, loadLazy: LoadLazy) {
  const settings = settle(options, script);
  const session = openSession(settings.key, settings.mode, settings.sampleRate ?? 1);
  const mask = createMask(settings.privacy);
  const redact = createRedact(settings.privacy?.redactQuery, settings.privacy?.redactPatterns);
  const listeners = new Map<string, Set<Listener>>();
  const life = undoList();
  let user: User = settings.user ?? {};
  let metadata = { ...settings.metadata };
  const tags = [...(settings.tags ?? [])];
  let recorder: Recorder | undefined;
  let lost = 0;
  let resume: (() => void) | undefined;

  const tell = <K extends keyof Events>(name: K, value: Events[K]) => {
    for (const listener of listeners.get(name) ?? []) quietly(() => listener(value));
  };
  const deliver = createDeliver(session, {
    ...settings,
    checkout: takeFullSnapshot,
    onStored: ({ n, gzip }) => tell('upload', { segment: n, bytes: gzip.length }),
    onDrop(reason, count = 1) {
      recorder?.context.custom('$playhead.lost', { reason, count: lost += count });
      tell('drop', { reason });
    },
    onFull: (s) => { if (s.session === session.id) restart(true); },
  });
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`playhead.${settings.key.slice(-8)}`);
  if (channel) {
    // Another tab of the session has something to show: what led to it may have happened here.
    channel.onmessage = ({ data }) => {
      if (data !== session.id || !recorder) return;
      deliver.toSession();
      void deliver.flush();
    };
  }

  /** From now on everything is uploaded, what the buffer holds first; in the other tabs too. */
  function upload(isReport: boolean): Promise<void> {
    if (deliver.mode === 'off') return Promise.resolve();
    if (isReport) session.change({ reported: true });
    deliver.toSession();
    quietly(() => channel?.postMessage(session.id));
    return deliver.flush(isReport);
  }
  function about(): object {
    return {
      sdk: version, session: session.id, window: session.window, mode: deliver.mode,
      release: settings.release, environment: settings.environment, user: user.id, tags, metadata,
    };
  }
  function start() {
    if (recorder || deliver.mode === 'off') return;
    recorder = startRecorder({
      settings, session, deliver, mask, redact, tell, about,
      onError(message, isUncaught) {
        tell('error', { message });
        if (isUncaught && settings.onError !== false && deliver.mode === 'buffer') void upload(false);
      },
      onSessionOver: () => restart(false),
    });
    tell('start', { session: session.id, window: session.window, mode: deliver.mode });
  }
  function halt() {
    recorder?.stop();
    recorder = undefined;
    resume = undefined;
  }
  /** Goes on in the next session. Not at once: the recorder is in the middle of an event. */
  let isRestarting = false;
  function restart(isFull: boolean) {
    if (isRestarting) return;
    isRestarting = true;
    setTimeout(() => {
      isRestarting = false;
      if (!recorder) return;
      halt();
      void deliver.flush();
      if (isFull) session.change({ active: 0 });
      session.renew();
      deliver.renewed();
      start();
    });
  }

  function followLife() {
    let hasLeft = false;
    const leave = () => quietly(() => deliver.leave());
    // Not capturing: the recorder's own listeners come first, and what they tell goes with the rest.
    life.listen(window, 'pagehide', ({ persisted }: PageTransitionEvent) => {
      // A tab that is closed was hidden just before, and what is sent for this alone would not arrive.
      if (document.visibilityState !== 'hidden') quietly(() => recorder?.leave(persisted));
      leave();
      hasLeft = true;
    }, false);
    life.listen(window, 'visibilitychange', () => {
      if (document.visibilityState !== 'hidden') deliver.resume();
      else if (!hasLeft) leave();
    }, false);
    life.listen(window, 'pageshow', ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      hasLeft = false;
      // Another page used the tab meanwhile: what comes next needs a snapshot and an address of its own.
      deliver.restored();
      recorder?.context.custom('$playhead.navigation', { type: 'back_forward', href: redact.url(location.href), restored: true });
      takeFullSnapshot();
    });
    life.listen(window, 'online', () => deliver.wake());
  }

  async function report(input: ReportInput, onProgress?: (fraction: number) => void): Promise<SubmittedReport> {
    const outgoing = settings.beforeSend ? settings.beforeSend({ kind: 'report', report: input }) : { kind: 'report' as const, report: input };
    if (outgoing?.kind !== 'report') throw Object.assign(new Error('beforeSend dropped the report'), { retryable: false });
    recorder?.context.custom('$playhead.report', { title: redact.text(outgoing.report.title ?? '').slice(0, 300) });
    const replay = recorder && deliver.mode !== 'off' ? session.id : undefined;
    const send = async () => (await loadLazy(settings)).sendReport;
    const [sent] = await Promise.all([
      (await send())(outgoing.report, { settings, replay, user, metadata, tags, url: redact.url(location.href) }, onProgress),
      replay ? upload(true) : undefined,
    ]);
    tell('report', { bugId: sent.bugId });
    return sent;
  }

  const widget = createWidgetLoader(settings, loadLazy, {
    user: () => user, report, tell, isMasked: mask.isMasked,
    pauseRecording: () => recorder?.pause() ?? (() => {}),
  });
  followLife();
  deliver.start();
  if (settings.autoStart !== false) start();

  return {
    identify(next: User | null) {
      user = { ...next };
      recorder?.context.custom('$playhead.user', next?.id ? { id: next.id } : {});
    },
    setMetadata(fields: Record<string, unknown>) {
      metadata = { ...metadata, ...fields };
      recorder?.context.custom('$playhead.metadata', fields);
    },
    addTag(tag: string) { if (!tags.includes(tag)) tags.push(tag); },
    captureException(error: unknown, hint: ErrorHint = {}) {
      if (!recorder) return;
      recordError(recorder.context, error, { prefix: '', ...hint });
      if (settings.onError !== false && deliver.mode === 'buffer') void upload(false);
    },
    report: (input: ReportInput) => report(input),
    open: (prefill?: WidgetPrefill) => widget.open(prefill),
    close: () => widget.close(),
    start,
    async stop() {
      if (!recorder) return;
      halt();
      await deliver.flush(deliver.mode === 'session');
      tell('stop', undefined);
    },
    pause() {
      if (resume || !recorder) return;
      resume = recorder.pause();
      tell('pause', { reason: 'asked' });
    },
    resume() {
      if (!resume) return;
      resume();
      resume = undefined;
      tell('resume', undefined);
    },
    flush: () => deliver.flush(),
    on<K extends keyof Events>(name: K, listener: (value: Events[K]) => void): () => void {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => { set.delete(listener); };
    },
    get session(): SessionInfo | undefined { return recorder ? { id: session.id, window: session.window, mode: deliver.mode } : undefined; },
    destroy() {
      halt();
      life.run();
      widget.destroy();
      channel?.close();
      deliver.close();
    },
  };
}
export type Client = ReturnType<typeof createClient>;
