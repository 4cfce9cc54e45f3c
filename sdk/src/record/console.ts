/**
 * Console lines and uncaught errors, as events of rrweb's console plugin, which every reader knows.
 * That plugin itself stops for good after 1,000 lines, calls getters, and does not tell causes.
 */
import { cut, patch } from '../util.ts';
import { told, type Belonging } from './actions.ts';
import type { Context } from './context.ts';
import { serializeArgs } from './serialize.ts';
import { errorText, frames, here } from './stack.ts';

const PLUGIN = 'rrweb/console@1';
const METHODS = ['assert', 'debug', 'dir', 'error', 'group', 'groupCollapsed', 'info', 'log', 'table', 'trace', 'warn', 'count', 'timeEnd', 'timeLog'] as const;
/** Lines a second; more are counted. */
const LINES_MAX = 100;

export function recordConsole(context: Context) {
  const { redact, actions, plugin, undo } = context;
  let second = 0;
  let lines = 0;
  let isInside = false;
  const mayWrite = () => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      const left = lines - LINES_MAX;
      second = now;
      lines = 0;
      if (left > 0) plugin(PLUGIN, { level: 'warn', trace: [], payload: [JSON.stringify(`playhead left out ${left} console lines of one second`)] });
    }
    return ++lines <= LINES_MAX;
  };
  for (const method of METHODS) {
    undo.add(patch(console as any, method, (original: any, isOn) => function wrapper(this: unknown, ...args: unknown[]) {
      // A getter of an argument may log in turn.
      if (isOn() && !isInside && !(method === 'assert' && args[0])) {
        isInside = true;
        try {
          if (mayWrite()) {
            const shown = method === 'assert' ? args.slice(1) : args;
            plugin(PLUGIN, { level: method, trace: here(wrapper).map(redact.url), payload: serializeArgs(shown, redact), ...belonging(actions.current()) });
          }
        } catch { /* recording never breaks a page's call */ }
        isInside = false;
      }
      return original.apply(this, args);
    }));
  }
}

const belonging = (by: Belonging | undefined) => (by ? { playhead: told(by) } : {});

/** What is known of an error beside the error itself. */
export interface ErrorHint {
  prefix: '' | 'Uncaught ' | 'Uncaught (in promise) ';
  componentStack?: string;
  context?: Record<string, unknown>;
}

/** Records an error: the line, and what a line can't hold. */
export function recordError(context: Context, error: unknown, hint: ErrorHint) {
  const { redact, plugin, custom, actions } = context;
  const isError = error instanceof Error || typeof (error as any)?.stack === 'string';
  const text = isError ? errorText(error) : '';
  const payload = isError ? [JSON.stringify(redact.text(hint.prefix + text))]
    : hint.prefix ? [JSON.stringify(hint.prefix.trim()), ...serializeArgs([error], redact)] : serializeArgs([error], redact);
  // The stack is in the text; a trace beside it would be that of a call of the console.
  plugin(PLUGIN, { level: 'error', trace: [], payload, ...belonging(actions.current()) });
  const componentStack = hint.componentStack ?? (error as any)?.componentStack;
  if (componentStack || hint.context) {
    custom('$playhead.error', {
      message: cut(redact.text(isError ? `${(error as Error).name}: ${(error as Error).message}` : String(error)), 300),
      componentStack: componentStack ? frames(String(componentStack)) : undefined,
      context: hint.context ? JSON.parse(serializeArgs([hint.context], redact)[0]!) : undefined,
    });
  }
  context.onError(isError ? String((error as Error).message) : String(error), !!hint.prefix);
}

export function recordErrors(context: Context) {
  context.undo.listen(window, 'error', (event: ErrorEvent) => {
    if (event.target !== window && event.target) return;
    // Another origin's script tells nothing but this.
    const error = event.error ?? Object.assign(new Error(event.message), { name: 'Error', stack: `${event.message}\n    at ${event.filename}:${event.lineno}:${event.colno}` });
    recordError(context, error, { prefix: 'Uncaught ' });
  });
  context.undo.listen(window, 'unhandledrejection', (event: PromiseRejectionEvent) => {
    recordError(context, event.reason, { prefix: 'Uncaught (in promise) ' });
  });
}
