/**
 * From lines to segments. In: events as JSON text. Out: numbered segments, handed to upload; in mode `buffer` nothing,
 * until it is asked for. Never here: what an event means.
 */
import type { Session } from '../session/session.ts';
import { tab } from '../session/session.ts';
import type { Mode } from '../types.ts';
import { createNumbers } from '../session/numbers.ts';
import { createGzip, compressNow } from './gzip.ts';
import { createOffline, type Segment } from './offline.ts';
import { createRing } from './ring.ts';
import { createUpload, LEAVING_BYTES_MAX } from './upload.ts';

/** Characters of a segment; more, and it is sent before its time. */
const SEGMENT_CHARS_MAX = 1_000_000;
/** An event that is longer is dropped. */
const EVENT_CHARS_MAX = 20_000_000;
/** Characters of the buffer that a next page of the tab takes over. */
const SAVED_CHARS_MAX = 1_500_000;
const REPORTED_FLUSH_MS = 1000;

export interface DeliverHost {
  endpoint: string;
  key: string;
  bufferMs: number;
  flushMs: number;
  /** Begins a new stretch with a full snapshot. */
  checkout(): void;
  onStored(segment: Segment): void;
  /** `count`: how many segments or events, 1 if it isn't said. */
  onDrop(reason: string, count?: number): void;
  onFull(segment: Segment): void;
}

export function createDeliver(session: Session, host: DeliverHost) {
  const gzip = createGzip();
  const ring = createRing(host.bufferMs);
  const offline = createOffline('playhead');
  const numbers = createNumbers(session, offline);
  const upload = createUpload({
    ...host, offline,
    renumber: (segment) => (segment.session === session.id ? numbers.take(false) : segment.n + 1),
  });
  let mode: Mode = session.mode;
  let lines: string[] = [];
  let chars = 0;
  let timer = 0;
  let asksCheckout = false;
  /** Segments that are being compressed, which the moment of leaving must not lose. */
  const compressing = new Map<Segment, string>();
  const nothing = new Uint8Array();

  const wrap = (some: string[]) => `[${some.join(',\n')}]`;
  const segment = (final?: boolean, isLeaving = false): Segment =>
    ({ session: session.id, window: session.window, n: numbers.take(isLeaving), gzip: nothing, at: Date.now(), final });
  const takeLines = () => {
    const taken = lines;
    lines = [];
    chars = 0;
    clearTimeout(timer);
    timer = 0;
    return taken;
  };

  async function flush(final?: boolean): Promise<void> {
    if (mode === 'session' && (lines.length || final)) {
      const text = lines.length ? wrap(takeLines()) : '';
      const made = segment(final);
      if (text) {
        compressing.set(made, text);
        const bytes = await gzip.gzip(text);
        // Otherwise the moment of leaving has taken it.
        if (!compressing.delete(made)) return;
        made.gzip = bytes;
      }
      upload.send(made);
    }
    await upload.settled();
  }

  /** Everything that fits goes now; the rest is kept for a next page. */
  function leave() {
    if (mode === 'buffer') {
      tab.set('ring', ring.save(SAVED_CHARS_MAX) ?? null);
      return;
    }
    const made = [...compressing].map(([s, text]) => ({ ...s, gzip: compressNow(text) }));
    compressing.clear();
    const split = (some: string[]) => {
      if (!some.length) return;
      const bytes = compressNow(wrap(some));
      if (bytes.length <= LEAVING_BYTES_MAX || some.length < 2) return void made.push({ ...segment(false, true), gzip: bytes });
      split(some.slice(0, some.length >> 1));
      split(some.slice(some.length >> 1));
    };
    split(takeLines());
    const rest = [...upload.unsent(), ...made].filter((s) => !navigator.onLine || !upload.beacon(s));
    if (rest.length) offline.putNow(rest);
  }

  function resume() {
    tab.remove('ring');
    if (mode === 'session') numbers.refill();
    void sendEarlier();
  }
  async function sendEarlier() {
    const kept = await offline.earlier(session.window);
    // Taken last: a page that ends before they wait to be sent would lose them.
    const [rest, lost] = offline.takeNow();
    for (const s of [...kept.slice(0, 40), ...rest]) upload.send(s);
    if (lost) host.onDrop('no room for what a page could not send when it ended', lost);
  }

  return {
    push(line: string, at: number, begins: boolean) {
      if (line.length > EVENT_CHARS_MAX) return host.onDrop('an event is larger than 20 MB');
      if (mode === 'buffer') {
        if (ring.push(line, at, begins) && !asksCheckout) {
          asksCheckout = true;
          setTimeout(() => { asksCheckout = false; host.checkout(); });
        }
        return;
      }
      if (mode !== 'session' || upload.isRefused) return;
      lines.push(line);
      chars += line.length;
      if (chars > SEGMENT_CHARS_MAX) void flush();
      else timer ||= window.setTimeout(flush, session.reported ? Math.min(REPORTED_FLUSH_MS, host.flushMs) : host.flushMs);
    },
    flush,
    leave,
    /** From now on everything is uploaded, what the buffer holds first. */
    toSession() {
      if (mode === 'session') return;
      mode = 'session';
      session.change({ mode });
      numbers.refill();
      lines = ring.take().concat(lines);
    },
    /** The session changed: its mode is another, and numbers start again. */
    renewed() {
      numbers.reset();
      ring.take();
      takeLines();
      mode = session.mode;
    },
    get mode() { return mode; },
    start() {
      if (mode === 'buffer') ring.restore(tab.get('ring') ?? undefined, Date.now());
      resume();
    },
    /** The page is seen again. What it kept for a next page is not needed. */
    resume,
    /** The page comes back as it was; another one of the tab used up numbers meanwhile. */
    restored() {
      numbers.reset();
      resume();
    },
    wake: upload.wake,
    close: gzip.close,
  };
}
export type Deliver = ReturnType<typeof createDeliver>;
