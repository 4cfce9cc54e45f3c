/**
 * Sends segments, one after another, and again when that failed. In: segments. Out: requests, and what became of them.
 * Never here: what a segment holds. The requests use functions that were taken before anybody wrapped them.
 */
import type { Offline, Segment } from './offline.ts';
import { quietly } from '../util.ts';

/** Bytes that a page may have in flight when it ends, a little less for the form around them. */
export const LEAVING_BYTES_MAX = 60_000;
const WAITING_MAX = 60;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 60_000;

/** The browser's own functions, whoever wraps them later. */
const native = typeof window === 'undefined' ? undefined : {
  fetch: window.fetch?.bind(window),
  beacon: navigator.sendBeacon?.bind(navigator),
};

export interface UploadHost {
  endpoint: string;
  key: string;
  offline: Offline;
  /** A number that is not taken, for a segment whose number is. */
  renumber(segment: Segment): number;
  /** The replay is full. */
  onFull(segment: Segment): void;
  onStored(segment: Segment): void;
  onDrop(reason: string): void;
}

export function createUpload(host: UploadHost) {
  const waiting: Segment[] = [];
  /** Sent with keepalive and not answered yet, in bytes. */
  let inFlight = 0;
  let running: Segment | undefined;
  let failures = 0;
  let timer = 0;
  let refused = false;
  let idle: (() => void)[] = [];

  const address = (s: Segment) =>
    `${host.endpoint}/v1/replays/${s.session}/segments/${s.n}?key=${host.key}&window=${s.window}${s.final ? '&final=1' : ''}`;
  const body = (s: Segment) => {
    // The last segment may carry nothing.
    if (!s.gzip.length) return undefined;
    const form = new FormData();
    form.append('rrweb', new Blob([s.gzip as BlobPart]));
    return form;
  };

  /** For a next page. Tells what is lost: the oldest that went for it, or itself if it waits here no longer. */
  const keep = async (segment: Segment, isLast?: boolean) => {
    const kept = await host.offline.put(segment);
    if (kept === false || (isLast && !kept)) host.onDrop('no room for what the server did not take');
  };

  /** True: done with it, whatever became of it. A number: try again after so many milliseconds. */
  async function settle(segment: Segment, answer: Response | undefined): Promise<true | number> {
    const status = answer?.status ?? 0;
    if (status >= 200 && status < 300) {
      host.onStored(segment);
      return true;
    }
    if (status === 409) {
      await host.offline.remove(segment);
      segment.n = host.renumber(segment);
      return 50;
    }
    if (status === 413) host.onFull(segment);
    if (status === 401 || status === 403) refused = true;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      host.onDrop(`the server refused a segment: ${status} ${(await answer!.text().catch(() => '')).slice(0, 300)}`);
      return true;
    }
    const asked = Number(answer?.headers.get('retry-after')) * 1000;
    const backOff = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** failures++);
    return Math.max(asked || 0, backOff * (0.5 + Math.random() / 2));
  }

  async function run() {
    if (running || timer) return;
    const segment = waiting[0];
    if (!segment || refused) {
      for (const resolve of idle.splice(0)) resolve();
      return;
    }
    running = segment;
    const bytes = segment.gzip.length;
    const keepalive = inFlight + bytes <= LEAVING_BYTES_MAX;
    // What can't outlive the page is kept for the next one.
    if (!keepalive) await keep(segment);
    if (keepalive) inFlight += bytes;
    const answer = await native!.fetch(address(segment), { method: 'POST', body: body(segment), keepalive, credentials: 'omit' }).catch(() => undefined);
    if (keepalive) inFlight -= bytes;
    const again = await settle(segment, answer);
    running = undefined;
    if (again === true) {
      failures = 0;
      const at = waiting.indexOf(segment);
      if (at >= 0) waiting.splice(at, 1);
      void host.offline.remove(segment);
    } else {
      if (keepalive && again > 50) void keep(segment);
      timer = window.setTimeout(wake, again);
      // Nobody waits for a server that is away.
      if (failures) for (const resolve of idle.splice(0)) resolve();
    }
    void run();
  }
  const wake = () => {
    clearTimeout(timer);
    timer = 0;
    void run();
  };

  return {
    send(segment: Segment) {
      if (refused || waiting.some((s) => s.session === segment.session && s.n === segment.n)) return;
      waiting.push(segment);
      if (waiting.length > WAITING_MAX) {
        void keep(waiting.splice(running ? 1 : 0, 1)[0]!, true);
      }
      void run();
    },
    /** Resolves when nothing waits, or the server doesn't answer. */
    settled: () => new Promise<void>((resolve) => { idle.push(resolve); void run(); }),
    /** Tries again now. */
    wake,
    /** At the moment of leaving: true when the browser took the segment, for a server that answered the last time. */
    beacon: (segment: Segment) => !failures && segment.gzip.length <= LEAVING_BYTES_MAX && !!quietly(() => native!.beacon?.(address(segment), body(segment))),
    /** What may be lost with the page. */
    unsent: () => waiting,
    get isRefused() { return refused; },
  };
}
export type Upload = ReturnType<typeof createUpload>;
