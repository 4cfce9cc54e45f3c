/**
 * Segments that could not be sent yet, kept for a later page: in IndexedDB while there is time, in localStorage at the
 * moment of leaving. Both are bounded: the oldest go. Never here: requests.
 */
import { local } from '../session/session.ts';
import { quietly } from '../util.ts';

export interface Segment {
  session: string;
  window: string;
  n: number;
  gzip: Uint8Array;
  /** When it was made, epoch milliseconds. */
  at: number;
  final?: boolean;
}

const SEGMENTS = 'segments';
const NUMBERS = 'numbers';
const SEGMENTS_MAX = 200;
/** Base64 characters that localStorage may hold of us. */
const REST_CHARS_MAX = 1_000_000;
const keyOf = (s: Segment) => `${s.at}.${s.session}.${s.n}.${s.window}`;

export function createOffline(name: string) {
  let opened: Promise<IDBDatabase> | undefined;
  const open = () => (opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => [SEGMENTS, NUMBERS].forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  }));
  /** Segments that only this page's memory holds, because web storage took none: lost unless the page is shown again. */
  let held = 0;
  const store = async (name: string) => (await open()).transaction(name, 'readwrite').objectStore(name);
  /** One request; nothing where the browser has no database for us. */
  const ask = <T>(work: (store: IDBObjectStore) => IDBRequest<T>) => store(SEGMENTS).then((s) => done(work(s))).catch(() => undefined);

  return {
    /** The next number of a session, at least `least`; nothing where there is no database. */
    async count(session: string, least: number): Promise<number | undefined> {
      try {
        const numbers = await store(NUMBERS);
        const known: number | undefined = await done(numbers.get(session));
        if (known === undefined) numbers.clear();
        const n = Math.max(least, known ?? 0);
        await done(numbers.put(n + 1, session));
        return n;
      } catch {
        return undefined;
      }
    },
    /** False when the oldest had to go for it; undefined when it could not be kept. What is kept already is replaced. */
    async put(segment: Segment): Promise<boolean | undefined> {
      const keys = await ask((store) => store.getAllKeys());
      const isFull = keys && keys.length >= SEGMENTS_MAX && !keys.includes(keyOf(segment));
      // Keys begin with the time.
      if (isFull) await ask((store) => store.delete(keys[0]!));
      return (await ask((store) => store.put(segment, keyOf(segment)))) ? !isFull : undefined;
    },
    remove: (segment: Segment) => ask((store) => store.delete(keyOf(segment))),
    /** Segments of earlier pages: all of this window, and those of others that had their time. */
    async earlier(window: string): Promise<Segment[]> {
      const all = (await ask((store) => store.getAll())) ?? [];
      return all.filter((segment) => segment.window === window || segment.at < Date.now() - 30_000);
    },
    /** At once, for the moment of leaving. What finds no room is counted for a next page, which can still tell it. */
    putNow(segments: Segment[]) {
      const keys = segments.map(keyOf);
      const rest = ((local.get('rest') ?? []) as any[]).filter((s) => !keys.includes(keyOf(s))).concat(segments.map((s) => ({ ...s, gzip: toText(s.gzip) })));
      let chars = JSON.stringify(rest).length;
      let lost = (local.get('lost') ?? 0) - held;
      for (; chars > REST_CHARS_MAX; lost++) chars -= JSON.stringify(rest.shift()).length + 1;
      held = local.set('rest', rest) ? 0 : segments.length;
      local.set('lost', lost + held);
    },
    /** What was put at once, and how many segments found no room there. */
    takeNow(): [Segment[], number] {
      const [rest, lost] = ['rest', 'lost'].map((name) => {
        const value = local.get(name);
        local.remove(name);
        return value;
      });
      const sure = (lost ?? 0) - held;
      held = 0;
      return [quietly(() => rest.map((s: { gzip: string }) => ({ ...s, gzip: toBytes(s.gzip) }))) ?? [], sure];
    },
  };
}
/** What numbers are taken from. */
export type Database = Pick<Offline, 'count'>;
export type Offline = ReturnType<typeof createOffline>;

const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function toText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

const toBytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
