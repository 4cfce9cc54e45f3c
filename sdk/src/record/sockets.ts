/** WebSocket and EventSource, of which rrweb tells nothing: opened, closed, failed, and how many messages. */
import { cut, quietly } from '../util.ts';
import type { Context } from './context.ts';
import type { Requests, Running } from './requests.ts';

const MESSAGES_MAX = 100;

interface Counts { sent: number; received: number; sentChars: number; receivedChars: number }

export function recordSockets(context: Context, requests: Requests) {
  wrap(context, requests, 'WebSocket', 'websocket', (socket: any, note) => {
    const send = socket.send;
    socket.send = function (this: unknown, data: unknown) { note('sent', data); return send.apply(this, arguments); };
  });
  wrap(context, requests, 'EventSource', 'eventsource', () => {});
}

function wrap(context: Context, requests: Requests, name: 'WebSocket' | 'EventSource', kind: Running['kind'], onSend: (socket: any, note: (way: 'sent' | 'received', data: unknown) => void) => void) {
  const Original = (window as any)[name];
  if (!Original) return;
  let on = true;
  const Wrapped = new Proxy(Original, {
    construct: function wrapper(target, args, newTarget) {
      const request = on ? quietly(() => requests.begin(kind, 'GET', args[0], wrapper)) : undefined;
      const socket = Reflect.construct(target, args, newTarget);
      if (request) quietly(() => follow(context, requests, request, socket, onSend));
      return socket;
    },
  });
  (window as any)[name] = Wrapped;
  context.undo.add(() => {
    on = false;
    if ((window as any)[name] === Wrapped) (window as any)[name] = Original;
  });
}

function follow(context: Context, requests: Requests, request: Running, socket: any, onSend: (socket: any, note: (way: 'sent' | 'received', data: unknown) => void) => void) {
  const { redact, custom } = context;
  const counts: Counts = { sent: 0, received: 0, sentChars: 0, receivedChars: 0 };
  let told = 0;
  let isOpen = false;
  const tell = (state: string, more: object = {}) =>
    custom('$playhead.socket', { request: request.id, kind: request.kind, url: redact.url(request.url), state, ...more });
  const note = (way: 'sent' | 'received', data: unknown) => quietly(() => {
    counts[way]++;
    counts[`${way}Chars`] += (data as any)?.length ?? (data as any)?.byteLength ?? (data as any)?.size ?? 0;
    if (requests.wantsMessages && typeof data === 'string' && told++ < MESSAGES_MAX) tell('message', { way, text: cut(redact.body(data), 500) });
  });
  onSend(socket, note);
  socket.addEventListener('message', (event: MessageEvent) => note('received', event.data));
  socket.addEventListener('open', () => quietly(() => {
    if (isOpen) return tell('reopen');
    isOpen = true;
    requests.end(request, { status: request.kind === 'websocket' ? 101 : 200 });
    tell('open');
  }));
  socket.addEventListener('error', () => quietly(() => {
    if (!isOpen) requests.end(request, { status: 0, error: `${request.kind} failed` });
    tell('error', { readyState: socket.readyState, ...counts });
  }));
  socket.addEventListener('close', (event: CloseEvent) => quietly(() =>
    tell('close', { code: event.code, reason: cut(redact.text(event.reason), 200), clean: event.wasClean, ...counts })));
  if (request.kind === 'eventsource') {
    const close = socket.close;
    socket.close = function (this: unknown) { quietly(() => tell('close', { ...counts })); return close.apply(this, arguments); };
  }
}
