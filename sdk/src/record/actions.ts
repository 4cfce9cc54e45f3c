/**
 * Which user action the running code belongs to. In: trusted events, timers, answers. Out: the action, and how sure.
 *
 * Inside the handler of a trusted event the action is certain. From there it is carried into timers, animation frames
 * and what follows a request, by remembering it where the page asks for them. Everything else has none.
 */
import { patch, type UndoList } from '../util.ts';

/** A trusted event that makes a page act. */
export interface Action {
  /** Counted from 1 on each page. */
  id: number;
  type: string;
  /** Epoch milliseconds. */
  at: number;
  /** rrweb's id of the target. */
  node: number;
}
/** How code came to belong to an action. */
export type Via = 'event' | 'timer' | 'answer';
export interface Belonging { action: Action; via: Via }

/** How events tell of it. */
export const told = (belonging: Belonging | undefined): { action?: Action & { via: Via } } =>
  (belonging ? { action: { ...belonging.action, via: belonging.via } } : {});

/** Events that happen inside of the call that causes them. */
const CAUSED = /focus|blur|invalid|toggle/;
const TYPES = 'click auxclick dblclick contextmenu keydown keyup input change submit pointerdown pointerup mousedown mouseup touchend drop paste';

export function createActions(undo: UndoList, idOf: (node: Node | null) => number) {
  let count = 0;
  let running: Belonging | undefined;
  let last: { event: Event; action: Action } | undefined;
  const channel = typeof MessageChannel === 'undefined' ? undefined : new MessageChannel();
  if (channel) {
    // The next task: what ran until then belonged together.
    channel.port1.onmessage = () => { running = undefined; };
    undo.add(() => channel.port1.close());
  }
  const enter = (belonging: Belonging | undefined) => {
    running = belonging;
    if (belonging) channel ? channel.port2.postMessage(0) : setTimeout(() => { running = undefined; });
  };
  /** The action of an event; a press, its release and the click are one. */
  const of = (event: Event): Action => {
    if (last?.event === event) return last.action;
    const isSame = last && /^(click|auxclick|mouse|pointer|touchend|submit|change|keyup)/.test(event.type) && Date.now() - last.action.at < 1000 &&
      idOf(event.target as Node) === last.action.node;
    const action = isSame ? { ...last!.action, type: event.type } : { id: ++count, type: event.type, at: Date.now(), node: idOf(event.target as Node) };
    last = { event, action };
    return action;
  };
  undo.listen(window, TYPES, (event: Event) => { if (event.isTrusted) enter({ action: of(event), via: 'event' }); });

  const current = (): Belonging | undefined => {
    const { event } = window;
    if (!event?.isTrusted) return running;
    if (last?.event === event) return { action: last.action, via: 'event' };
    // Another event, in a task of its own, unless it is one that a handler causes at once, or an answer. A message may have
    // been posted by anybody.
    return event.target instanceof XMLHttpRequest || CAUSED.test(event.type) ? running : undefined;
  };
  /** A callback that runs with the action of now; without one, so that it doesn't get that of another. */
  const carry = <F extends (...args: any[]) => unknown>(callback: F, isFar: boolean): F => {
    const action = isFar ? undefined : current()?.action;
    if (typeof callback !== 'function') return callback;
    return function (this: unknown, ...args: unknown[]) {
      enter(action && { action, via: 'timer' });
      return callback.apply(this, args);
    } as F;
  };
  for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame']) {
    undo.add(patch(window as any, name, (original: any, isOn) => function (this: unknown, callback: any, ...rest: unknown[]) {
      // An interval or a polling loop is not the user's doing for ever.
      return original.call(this ?? window, isOn() ? carry(callback, name === 'setInterval' || (rest[0] as number) > 5000) : callback, ...rest);
    }));
  }
  return { current, enter };
}
export type Actions = ReturnType<typeof createActions>;
