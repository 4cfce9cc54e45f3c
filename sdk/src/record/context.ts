/** What every part of the recorder is given. */
import type { Settings } from '../options.ts';
import type { Mask } from '../privacy/mask.ts';
import type { Redact } from '../privacy/redact.ts';
import type { UndoList } from '../util.ts';
import type { Actions } from './actions.ts';

export interface Context {
  settings: Settings;
  undo: UndoList;
  mask: Mask;
  redact: Redact;
  actions: Actions;
  /** Records a custom event. */
  custom(tag: string, payload: unknown, at?: number): void;
  /** Records a plugin's event. */
  plugin(name: string, payload: unknown, at?: number): void;
  /** True for the server's own address: uploads are not recorded. */
  isOwn(url: string): boolean;
  /** rrweb's id of a node, or -1. */
  id(node: Node | null): number;
  /** What is told of an element beside its id. */
  target(element: Element | null): { id: number; name?: string; role?: string };
  /** An error was recorded. */
  onError(message: string, isUncaught: boolean): void;
}

/** Epoch milliseconds of a time on the page's clock. */
export const epoch = (time: number) => Math.round(Date.now() - performance.now() + time);
