/**
 * One recording of one page: starts and stops every part, and hands each event to delivery as a line.
 * In: settings, a session. Out: lines. Here is where events are dropped, changed by the page, and put in time.
 */
import type { Deliver } from './deliver/deliver.ts';
import type { Settings } from './options.ts';
import type { Mask } from './privacy/mask.ts';
import { createPseudonym } from './privacy/pseudonym.ts';
import type { Redact } from './privacy/redact.ts';
import { createActions } from './record/actions.ts';
import { recordConsole, recordErrors } from './record/console.ts';
import type { Context } from './record/context.ts';
import { nodeId, startDom, takeFullSnapshot } from './record/dom.ts';
import { recordHttp } from './record/http.ts';
import { recordNavigation } from './record/navigation.ts';
import { recordPerformance } from './record/performance.ts';
import { createRequests } from './record/requests.ts';
import { recordSockets } from './record/sockets.ts';
import { recordUnseen } from './record/unseen.ts';
import { recordValues } from './record/values.ts';
import { own } from './record/stack.ts';
import type { Session } from './session/session.ts';
import type { Events, RecordedEvent } from './types.ts';
import { quietly, undoList } from './util.ts';

const CUSTOM = 5;
const PLUGIN = 6;
const META = 4;
/** A clock that goes back by more is set back. */
const CLOCK_MS_MAX = 50;
/** How often it is looked whether the session is over. */
const CHECK_MS = 1000;
/** Full snapshots of a whole session, so that a lost segment costs minutes at most. */
const SESSION_CHECKOUT_MS = 5 * 60_000;

export interface RecorderHost {
  settings: Settings;
  session: Session;
  deliver: Deliver;
  mask: Mask;
  redact: Redact;
  tell<K extends keyof Events>(name: K, value: Events[K]): void;
  onError(message: string, isUncaught: boolean): void;
  /** The session is over: recording goes on in the next one. */
  onSessionOver(): void;
  /** The first event of a page. */
  about(): object;
}

export function startRecorder(host: RecorderHost) {
  const { settings, session, deliver, mask, redact } = host;
  const undo = undoList();
  let pauses = 0;
  let isIdle = false;
  let lastInput = Date.now();
  let lastTime = 0;
  let { offset } = session;
  let nextCheck = 0;

  /** Epoch milliseconds that never go back, whatever is done to the clock. */
  function inTime(time: number): number {
    let at = time + offset;
    if (at < lastTime - 60_000 || (at < lastTime - CLOCK_MS_MAX && time >= Date.now() - 1)) {
      const back = lastTime - at;
      offset += back;
      session.change({ offset });
      at = lastTime;
      write({ type: CUSTOM, data: { tag: '$playhead.clock', payload: { back: Math.round(back) } }, timestamp: at }, false);
    }
    return at;
  }
  function write(event: RecordedEvent, begins: boolean) {
    const sent = settings.beforeSend ? quietly(() => settings.beforeSend!({ kind: 'event', event })) : { kind: 'event' as const, event };
    if (sent?.kind !== 'event') return;
    const line = quietly(() => JSON.stringify(sent.event));
    if (line) deliver.push(line, event.timestamp, begins);
  }
  function emit(event: RecordedEvent, isCheckout = false) {
    const now = event.timestamp;
    if (isUserInput(event)) {
      lastInput = now;
      session.touch(now);
      if (isIdle) wakeUp();
    } else if (!isIdle && !pauses && now - lastInput > settings.idleMs) idle();
    if (pauses || (isIdle && event.data.payload?.level !== 'error')) return;
    // Storage is slow, and events are many.
    if (now > nextCheck || now < nextCheck - CHECK_MS) {
      nextCheck = now + CHECK_MS;
      if (session.isOver(now)) return host.onSessionOver();
    }
    put(event, isCheckout);
  }
  function put(event: RecordedEvent, isCheckout = false) {
    event.timestamp = inTime(event.timestamp);
    if (event.type === META) event.data.href = redact.url(event.data.href);
    // An event from before, as of a performance entry, is no step back.
    lastTime = Math.max(lastTime, event.timestamp);
    write(event, isCheckout && event.type === META);
  }
  const custom = (tag: string, payload: unknown, at = Date.now()) => emit({ type: CUSTOM, data: { tag, payload }, timestamp: at });
  const plugin = (name: string, payload: unknown, at = Date.now()) => emit({ type: PLUGIN, data: { plugin: name, payload }, timestamp: at });

  /** Whatever the state is. Both tags are PostHog's, which readers know. */
  const mark = (state: 'paused' | 'resumed', reason: 'asked' | 'idle') =>
    put({ type: CUSTOM, data: { tag: `recording ${state}`, payload: { reason } }, timestamp: Date.now() });
  function idle() {
    isIdle = true;
    mark('paused', 'idle');
    host.tell('pause', { reason: 'idle' });
  }
  function wakeUp() {
    isIdle = false;
    mark('resumed', 'idle');
    host.tell('resume', undefined);
    takeFullSnapshot();
  }

  const context: Context = {
    settings, undo, mask, redact, custom, plugin, id: nodeId, onError: host.onError,
    actions: createActions(undo, nodeId),
    isOwn: (url) => url.startsWith(`${settings.endpoint}/v1/`) || url.startsWith(`${settings.endpoint}/sdk/`) || (!!own && url.startsWith(own)),
    target: (element) => {
      const id = nodeId(element);
      // Where the browser tells the name and role that it computed (AOM), they are the best there is.
      const { computedName, computedRole } = (element ?? {}) as { computedName?: string; computedRole?: string };
      return { id, name: computedName && !mask.isMasked(element!) ? computedName.slice(0, 100) : undefined, role: computedRole };
    },
  };
  const requests = createRequests(context);
  custom('$playhead.page', host.about());
  if (settings.console !== false) recordConsole(context);
  recordErrors(context);
  if (settings.network !== false) {
    recordHttp(context, requests);
    recordSockets(context, requests);
  }
  recordNavigation(context);
  recordUnseen(context);
  if (settings.privacy?.pseudonyms !== false) recordValues(context, createPseudonym(() => session.secret));
  const stopDom = startDom({ mask, checkoutMs: deliver.mode === 'buffer' ? settings.bufferMs / 2 : SESSION_CHECKOUT_MS, emit });
  const tellVitals = recordPerformance(context);

  return {
    context,
    /** Nothing is recorded until the returned function is called. */
    pause() {
      if (!pauses++) mark('paused', 'asked');
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        if (--pauses) return;
        mark('resumed', 'asked');
        takeFullSnapshot();
      };
    },
    leave(persisted: boolean) {
      requests.leave();
      // Not by a listener of its own: browsers call those of `pagehide` in the order of their making.
      tellVitals?.();
      custom('$playhead.page_end', { persisted });
    },
    stop() {
      stopDom();
      undo.run();
    },
  };
}
export type Recorder = ReturnType<typeof startRecorder>;

/** What only a user does: pointer, scrolling, typing, touch, drag. */
const isUserInput = ({ type, data }: RecordedEvent) =>
  (type === 3 && ((data.source >= 1 && data.source <= 6 && data.source !== 3 && data.source !== 4) || data.source === 12)) ||
  (type === CUSTOM && data.tag === '$playhead.key');
