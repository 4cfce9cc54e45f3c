/**
 * Requests as events of rrweb's network plugin, written when they end, with times of the epoch and what only a wrapper
 * knows: who sent it (call stack), and which user action it belongs to. Never here: how one kind of request is wrapped.
 */
import { cut } from '../util.ts';
import { told, type Belonging } from './actions.ts';
import { epoch, type Context } from './context.ts';
import { here } from './stack.ts';

export const PLUGIN = 'rrweb/network@1';
const BODY_CHARS_MAX = 16_384;
/** Requests that are remembered while they run. */
const RUNNING_MAX = 500;
const HEADERS = ['content-type', 'content-length', 'cache-control', 'retry-after', 'server-timing',
  'x-request-id', 'x-correlation-id', 'traceparent', 'vary', 'accept'];

export interface Running {
  id: number;
  url: string;
  method: string;
  kind: 'fetch' | 'xmlhttprequest' | 'beacon' | 'websocket' | 'eventsource';
  /** On the page's clock. */
  start: number;
  by: Belonging | undefined;
  stack: string[];
  requestHeaders?: Record<string, string>;
  requestBody?: string;
}

export interface Ending {
  status?: number;
  error?: string;
  responseHeaders?: Record<string, string>;
  responseBody?: string;
  responseUrl?: string;
  size?: number;
  /** On the page's clock. */
  end?: number;
}

export function createRequests(context: Context) {
  const { settings, redact, actions } = context;
  const o = settings.network || {};
  const running = new Set<Running>();
  const shown = new Set([...HEADERS, ...(o.headers ?? []).map((name) => name.toLowerCase())]);
  const charsMax = o.bodyCharsMax ?? BODY_CHARS_MAX;
  let count = 0;

  const write = (request: Running, ending: Ending, isOver: boolean) => {
    const { end } = ending;
    context.plugin(PLUGIN, {
      requests: [{
        name: redact.url(request.url), method: request.method, initiatorType: request.kind, entryType: 'resource',
        startTime: Math.round(request.start), timeOrigin: Math.round(performance.timeOrigin), timestamp: epoch(request.start),
        endTime: end && Math.round(end), duration: end && Math.round(end - request.start),
        status: ending.status, decodedBodySize: ending.size || undefined,
        requestHeaders: request.requestHeaders, requestBody: request.requestBody,
        responseHeaders: ending.responseHeaders, responseBody: ending.responseBody,
        playhead: {
          id: request.id,
          running: !isOver || undefined,
          stack: request.stack,
          ...told(request.by),
          error: ending.error ? cut(redact.text(ending.error), 300) : undefined,
          redirectedTo: ending.responseUrl ? redact.url(ending.responseUrl) : undefined,
        },
      }],
    });
  };

  return {
    /** Notes a request that begins; nothing when it is not to be recorded. `wrapper` is the function that the page called. */
    begin(kind: Running['kind'], method: string, address: string | URL, wrapper: Function): Running | undefined {
      let url = String(address);
      try { url = new URL(url, document.baseURI).href; } catch { /* the browser will say so itself */ }
      const ignored = (o.ignore ?? []).some((pattern) => (typeof pattern === 'string' ? url.includes(pattern) : pattern.test(url)));
      if (settings.network === false || ignored || context.isOwn(url)) return undefined;
      const request: Running = {
        id: ++count, url, method: method.toUpperCase(), kind, start: performance.now(), by: actions.current(), stack: here(wrapper).map(redact.url),
      };
      if (running.size < RUNNING_MAX) running.add(request);
      return request;
    },
    end(request: Running, ending: Ending) {
      running.delete(request);
      write(request, { end: performance.now(), ...ending }, true);
    },
    /** The page ends: what still runs is told, because nobody will see its end. */
    leave() {
      for (const request of running) if (request.kind === 'fetch' || request.kind === 'xmlhttprequest') write(request, {}, false);
      running.clear();
    },
    wantsBody: (url: string) => (typeof o.bodies === 'function' ? o.bodies(url) : !!o.bodies),
    wantsMessages: !!o.messages,
    headers(list: Iterable<[string, string]>): Record<string, string> | undefined {
      const out: Record<string, string> = {};
      for (const [name, value] of list) {
        const lower = name.toLowerCase();
        if (shown.has(lower) && !redact.isSecretName(lower)) out[lower] = cut(redact.text(value), 500);
      }
      return Object.keys(out).length ? out : undefined;
    },
    body(value: unknown): string | undefined {
      const text = typeof value === 'string' ? value
        : value instanceof URLSearchParams ? String(value)
        : value instanceof FormData ? [...value].map(([k, v]) => `${k}=${typeof v === 'string' ? encodeURIComponent(v) : `[file ${v.size} bytes]`}`).join('&')
        : value instanceof Blob ? `[${value.type || 'blob'} ${value.size} bytes]` : undefined;
      return text === undefined ? undefined : cut(redact.body(text.slice(0, charsMax * 2)), charsMax);
    },
  };
}
export type Requests = ReturnType<typeof createRequests>;

/** Media types of answers whose text may be read. */
export const isText = (type: string | null) => /json|text|xml|urlencoded|javascript/.test(type ?? '');
