/** Options with their defaults. In: what `init` was given. Out: what the rest of the SDK reads. */
import type { Mode, Options } from './types.ts';

export interface Settings extends Options {
  endpoint: string;
  mode: Mode;
  bufferMs: number;
  idleMs: number;
  flushMs: number;
}

/** Throws where `init` can't work at all; everything else has a default. */
export function settings(options: Options, script?: string): Settings {
  const { key } = options;
  if (!/^\w{3,100}$/.test(key ?? '')) throw new Error('playhead: init needs an ingest key, phk_..');
  const given = options.endpoint ?? script;
  if (!given) throw new Error('playhead: init needs the endpoint of your server');
  const seconds = (value: number | undefined, other: number) => (value! > 0 ? value! : other) * 1000;
  return {
    ...options,
    endpoint: new URL(given, location.href).href.replace(/\/+$/, ''),
    mode: options.mode ?? 'session',
    bufferMs: seconds(options.bufferSeconds, 60),
    idleMs: seconds(options.idleSeconds, 300),
    flushMs: Math.max(250, options.flushMs ?? 5000),
    release: options.release ?? meta('release') ?? meta('version'),
  };
}

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content || undefined;
