/**
 * Values of a console call as text. In: anything. Out: JSON text of bounded size. Calls no getter and no toJSON of the
 * page, and follows no cycle.
 */
import type { Redact } from '../privacy/redact.ts';
import { cut, quietly } from '../util.ts';
import { errorText } from './stack.ts';

const DEPTH_MAX = 4;
const KEYS_MAX = 40;
const STRING_CHARS_MAX = 2000;
/** Values that one call may show. */
const VALUES_MAX = 400;

export function serializeArgs(args: unknown[], redact: Redact): string[] {
  let values = 0;
  const seen = new Set<unknown>();
  const text = (value: string) => redact.text(cut(value, STRING_CHARS_MAX));

  function describe(value: object): unknown {
    if (value instanceof Error) return text(errorText(value));
    if (value instanceof Element) return `<${value.tagName.toLowerCase()}${value.id ? `#${value.id}` : ''}${value.classList.length ? `.${[...value.classList].slice(0, 3).join('.')}` : ''}>`;
    if (value instanceof Date || value instanceof RegExp) return quietly(() => value instanceof Date ? value.toISOString() : String(value)) ?? 'Invalid Date';
    if (value instanceof Event || value instanceof Promise || value === window) return String(value);
    return undefined;
  }
  function copy(value: unknown, depth: number): unknown {
    if (++values > VALUES_MAX) return '…';
    switch (typeof value) {
      case 'string': return text(value);
      case 'bigint': return `${value}n`;
      case 'symbol': return String(value);
      case 'undefined': return 'undefined';
      case 'number': return Number.isFinite(value) ? value : String(value);
      case 'function': return `[Function ${value.name || '(anonymous)'}]`;
      case 'boolean': return value;
    }
    if (value === null) return null;
    const described = describe(value as object);
    if (described !== undefined) return described;
    if (seen.has(value)) return '[Circular]';
    if (depth >= DEPTH_MAX) return Array.isArray(value) ? `[Array ${value.length}]` : '[Object]';
    seen.add(value);
    const made = inside(value as object, depth + 1);
    seen.delete(value);
    return made;
  }
  function inside(value: object, depth: number): unknown {
    if (value instanceof Map) return { Map: [...value].slice(0, KEYS_MAX).map(([k, v]) => [copy(k, depth), copy(v, depth)]) };
    if (value instanceof Set) return { Set: [...value].slice(0, KEYS_MAX).map((v) => copy(v, depth)) };
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name} ${value.byteLength} bytes]`;
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      for (let at = 0; at < Math.min(value.length, KEYS_MAX); at++) list.push(copy(property(value, String(at)), depth));
      if (value.length > KEYS_MAX) list.push(`… ${value.length - KEYS_MAX} more`);
      return list;
    }
    const out: Record<string, unknown> = {};
    const names = Object.keys(value);
    for (const name of names.slice(0, KEYS_MAX)) {
      out[name] = redact.isSecretName(name) ? '[redacted]' : copy(property(value, name), depth);
    }
    if (names.length > KEYS_MAX) out['…'] = `${names.length - KEYS_MAX} more`;
    return out;
  }
  return args.slice(0, 20).map((arg) => {
    const end = arg instanceof Error ? '\nEnd of stack for Error object' : '';
    if (arg instanceof Error) return JSON.stringify(redact.text(cut(errorText(arg), 8000)) + end);
    return quietly(() => JSON.stringify(copy(arg, 0))) ?? '"[not readable]"';
  });
}

/** A property without calling the page's code. */
function property(value: object, name: string): unknown {
  const found = Object.getOwnPropertyDescriptor(value, name);
  return found && 'value' in found ? found.value : found ? '(...)' : undefined;
}
