/**
 * One session is one replay, shared by the tabs of an origin; one tab is one window of it.
 * In: the clock, web storage. Out: ids, and the number of each next segment. Never here: events, uploads.
 */
import type { Mode } from '../types.ts';
import { randomId } from '../util.ts';
import { webStorage } from './storage.ts';

/** A session ends after so long without input in any tab, or so long in all. */
const QUIET_MS_MAX = 30 * 60_000;
const LENGTH_MS_MAX = 4 * 3600_000;

interface Stored {
  id: string;
  /** Epoch milliseconds. */
  started: number;
  active: number;
  /** The number of the next segment. */
  next: number;
  mode: Mode;
  /** For pseudonyms; never leaves the browser. */
  secret: string;
  /** A report was sent: what follows is uploaded at once. */
  reported?: boolean;
  /** Milliseconds that are added to the browser's clock, which was set back. */
  offset?: number;
}

export const local = webStorage('localStorage');
export const tab = webStorage('sessionStorage');

export function openSession(key: string, mode: Mode, sampleRate: number) {
  const name = `session.${key.slice(-8)}`;
  let known: Stored | undefined;

  const isLive = (s: Stored | undefined, now: number): s is Stored =>
    !!s?.id && s.next >= 0 && now - s.active < QUIET_MS_MAX && now - s.started < LENGTH_MS_MAX;

  const read = (): Stored => {
    const stored = local.get(name) as Stored | undefined;
    if (stored?.id && (!known || stored.id === known.id)) return (known = stored);
    if (known) return known;
    const now = Date.now();
    const chosen = mode === 'session' && Math.random() >= sampleRate ? 'buffer' : mode;
    known = { id: randomId(), started: now, active: now, next: 0, mode: chosen, secret: randomId(32) };
    local.set(name, known);
    return known;
  };
  const change = (fields: Partial<Stored>) => {
    known = { ...read(), ...fields };
    const stored = local.get(name) as Stored | undefined;
    // Another tab may have begun the next session, which is not ours to change.
    if (!stored?.id || stored.id === known.id) local.set(name, known);
  };
  if (!isLive(local.get(name), Date.now())) local.remove(name);
  read();

  return {
    window: windowId(),
    get id() { return read().id; },
    get mode() { return read().mode; },
    get secret() { return read().secret; },
    get reported() { return !!read().reported; },
    get next() { return read().next; },
    get offset() { return read().offset ?? 0; },
    change,
    /** Takes the number of the next segment. Tabs may race for one; the server then answers that it is taken. */
    takeNumber() {
      const { next } = read();
      change({ next: next + 1 });
      return next;
    },
    /** Notes that the user is there. */
    touch(now: number) { if (now - known!.active > 5000) change({ active: now }); },
    /** True when the session is over, or another tab began the next one. */
    isOver(now: number) {
      const stored = local.get(name) as Stored | undefined;
      return !isLive(read(), now) || (!!stored?.id && stored.id !== known?.id);
    },
    /** Begins the next session, or joins the one that another tab began. */
    renew() {
      const stored = local.get(name) as Stored | undefined;
      if (!isLive(stored, Date.now()) || stored.id === known?.id) local.remove(name);
      known = undefined;
      read();
    },
  };
}
export type Session = ReturnType<typeof openSession>;

/** The tab's id: kept over page loads, but not in a tab that was duplicated, which begins with a copy of the storage. */
function windowId(): string {
  const stored = tab.get('window') as { id: string; open: boolean } | undefined;
  const id = stored?.id && !stored.open ? stored.id : randomId(10);
  tab.set('window', { id, open: true });
  addEventListener('pagehide', () => tab.set('window', { id, open: false }), true);
  addEventListener('pageshow', () => tab.set('window', { id, open: true }), true);
  return id;
}
