/** Call stacks: without the SDK's own frames, bounded. In: an error or the present. Out: frames as text. */

const FRAMES_MAX = 20;
const FRAME_CHARS_MAX = 300;

/** This script's own address, whose frames nobody needs; none when it is part of a page's bundle. */
export const own = typeof document === 'undefined' ? '' : (document.currentScript as HTMLScriptElement | null)?.src ?? '';

const isFrame = (line: string) => /^\s*at |@/.test(line) || /:\d+:\d+\)?$/.test(line);

/** The frames of a stack as `fn (url:line:column)`, caller last. */
export function frames(stack: string | undefined): string[] {
  const lines = (stack ?? '').split('\n').filter((line) => isFrame(line) && !(own && line.includes(own)));
  return lines.slice(0, FRAMES_MAX).map((line) => line.trim().replace(/^at /, '').slice(0, FRAME_CHARS_MAX));
}

/** The stack of whoever called `wrapper`. Engines that can't leave its own frames out are told by the script's address. */
export function here(wrapper: Function): string[] {
  const V8 = Error as unknown as { stackTraceLimit: number; captureStackTrace?(holder: object, above: Function): void };
  const limit = V8.stackTraceLimit;
  V8.stackTraceLimit = FRAMES_MAX;
  const holder: { stack?: string } = {};
  if (V8.captureStackTrace) V8.captureStackTrace(holder, wrapper);
  else holder.stack = new Error().stack;
  V8.stackTraceLimit = limit;
  return frames(holder.stack);
}

/** The text of an error with its stack and those of its causes, as consoles show it. */
export function errorText(error: any, depth = 0): string {
  const head = `${error?.name ?? 'Error'}: ${error?.message ?? ''}`;
  const stack = typeof error?.stack === 'string' ? error.stack : '';
  // V8 puts the message before the frames, others don't.
  let text = stack.includes(head) || stack.startsWith(error?.name) ? stack : `${head}\n${stack}`;
  if (own) text = text.split('\n').filter((line: string) => !line.includes(own)).join('\n');
  text = text.slice(0, 8000).trimEnd();
  if (depth < 4) {
    const inner = [...(Array.isArray(error?.errors) ? error.errors.slice(0, 4) : []), ...(error?.cause != null ? [error.cause] : [])];
    for (const cause of inner) text += `\nCaused by: ${cause instanceof Error ? errorText(cause, depth + 1) : String(cause).slice(0, 300)}`;
  }
  return text;
}
