/**
 * fetch, XMLHttpRequest and sendBeacon. rrweb's network plugin tells nothing of beacons, and nothing of requests that
 * run when the page ends. A page sees no difference: same results, same errors, same order.
 */
import { patch, quietly } from '../util.ts';
import type { Context } from './context.ts';
import { isText, type Ending, type Requests, type Running } from './requests.ts';

/** Bytes of an answer that is read for its text. */
const ANSWER_BYTES_MAX = 1 << 20;

export function recordHttp(context: Context, requests: Requests) {
  const { undo } = context;
  undo.add(patch(window, 'fetch', (original, isOn) => function wrapper(this: unknown, ...args: Parameters<typeof fetch>) {
    const request = isOn() ? quietly(() => beginFetch(requests, args, wrapper)) : undefined;
    const answer = original.apply(this as Window, args);
    return request ? followFetch(context, requests, request, answer) : answer;
  }));
  recordXhr(context, requests);
  undo.add(patch(navigator, 'sendBeacon', (original, isOn) => function wrapper(this: Navigator, ...args: Parameters<Navigator['sendBeacon']>) {
    const request = isOn() ? quietly(() => requests.begin('beacon', 'POST', args[0], wrapper)) : undefined;
    if (request && requests.wantsBody(request.url)) request.requestBody = quietly(() => requests.body(args[1]));
    const isTaken = original.apply(this, args);
    if (request) quietly(() => requests.end(request, isTaken ? {} : { error: 'the browser refused the beacon' }));
    return isTaken;
  }));
}

function beginFetch(requests: Requests, [input, init]: Parameters<typeof fetch>, wrapper: Function): Running | undefined {
  const asked = input instanceof Request ? input : undefined;
  const request = requests.begin('fetch', init?.method ?? asked?.method ?? 'GET', asked?.url ?? String(input), wrapper);
  if (!request) return undefined;
  request.requestHeaders = requests.headers(new Headers(init?.headers ?? asked?.headers));
  if (requests.wantsBody(request.url)) request.requestBody = requests.body(init?.body);
  return request;
}

/** The page gets its answer at once; what follows from it belongs to the action that asked. */
function followFetch(context: Context, requests: Requests, request: Running, answer: Promise<Response>): Promise<Response> {
  const after = () => context.actions.enter(request.by && { action: request.by.action, via: 'answer' });
  return answer.then((response) => {
    quietly(() => endFetch(requests, request, response));
    if (request.by) quietly(() => carryReads(response, after));
    after();
    return response;
  }, (error) => {
    quietly(() => requests.end(request, { error: String(error) }));
    after();
    throw error;
  });
}

function endFetch(requests: Requests, request: Running, response: Response) {
  const ending: Ending = {
    status: response.status, end: performance.now(), responseHeaders: requests.headers(response.headers),
    size: Number(response.headers.get('content-length')) || undefined,
    responseUrl: response.redirected ? response.url : undefined,
  };
  const type = response.headers.get('content-type');
  if (!requests.wantsBody(request.url) || !isText(type) || ending.size! > ANSWER_BYTES_MAX || /event-stream/.test(type!)) return requests.end(request, ending);
  response.clone().text().then((text) => { ending.responseBody = requests.body(text); }, () => {}).then(() => requests.end(request, ending));
}

/** `await response.json()` goes on in a later task. */
function carryReads(response: Response, after: () => void) {
  for (const name of ['json', 'text', 'blob', 'arrayBuffer', 'formData'] as const) {
    const original = response[name];
    response[name] = function (this: Response) {
      return (original.call(this) as Promise<any>).then((value) => { after(); return value; });
    };
  }
}

type Sent = XMLHttpRequest;

function recordXhr(context: Context, requests: Requests) {
  const { undo, actions } = context;
  const prototype = window.XMLHttpRequest?.prototype as any;
  const sent = new WeakMap<Sent, { method: string; url: string; headers: [string, string][] }>();
  undo.add(patch(prototype, 'open', (original: any, isOn) => function (this: Sent, ...args: any[]) {
    if (isOn()) sent.set(this, { method: String(args[0]), url: String(args[1]), headers: [] });
    return original.apply(this, args);
  }));
  undo.add(patch(prototype, 'setRequestHeader', (original: any) => function (this: Sent, ...args: any[]) {
    sent.get(this)?.headers.push([String(args[0]), String(args[1])]);
    return original.apply(this, args);
  }));
  undo.add(patch(prototype, 'send', (original: any, isOn) => function wrapper(this: Sent, ...args: any[]) {
    if (isOn()) quietly(() => begin(this, args[0], wrapper));
    return original.apply(this, args);
  }));

  function begin(xhr: Sent, body: unknown, wrapper: Function) {
    const known = sent.get(xhr);
    const request = known && requests.begin('xmlhttprequest', known.method, known.url, wrapper);
    if (!request) return;
    request.requestHeaders = requests.headers(known.headers);
    if (requests.wantsBody(request.url)) request.requestBody = requests.body(body);
    let error: string | undefined;
    const note = (event: Event) => { error = event.type; };
    // The first listener of each event: what the page does in its own belongs to the action.
    const after = () => actions.enter(request.by && { action: request.by.action, via: 'answer' });
    for (const type of ['error', 'abort', 'timeout']) xhr.addEventListener(type, note, { once: true });
    for (const type of ['readystatechange', 'load', 'error', 'abort', 'timeout']) xhr.addEventListener(type, after);
    xhr.addEventListener('loadend', () => quietly(() => {
      for (const type of ['readystatechange', 'load', 'error', 'abort', 'timeout']) xhr.removeEventListener(type, after);
      requests.end(request, { status: xhr.status, error, ...answerOf(requests, request, xhr) });
    }), { once: true });
  }
}

function answerOf(requests: Requests, request: Running, xhr: XMLHttpRequest): Ending {
  const headers = xhr.getAllResponseHeaders().trim().split('\r\n').filter(Boolean).map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, at), line.slice(at + 1).trim()];
  });
  const isReadable = /^(text|json)?$/.test(xhr.responseType);
  return {
    responseHeaders: requests.headers(headers),
    ...(requests.wantsBody(request.url) && isReadable && isText(xhr.getResponseHeader('content-type'))
      ? { responseBody: requests.body(xhr.responseType === 'json' ? JSON.stringify(xhr.response) : xhr.responseText) } : {}),
    responseUrl: xhr.responseURL && xhr.responseURL !== request.url.replace(/#.*/, '') ? xhr.responseURL : undefined,
  };
}
