/** The public functions, see `Playhead` in types.ts. */
import { createClient, type Client } from './client.ts';
import type { Events, Playhead } from './types.ts';
import type { LoadLazy } from './widget-loader.ts';

const ACTS = ['identify', 'setMetadata', 'addTag', 'captureException', 'close', 'start', 'pause', 'resume'] as const;
const PROMISES = ['open', 'stop', 'flush'] as const;

export function createApi(loadLazy: LoadLazy, script?: string): Playhead {
  let client: Client | undefined;
  /** Listeners that were added before `init`. */
  const early = new Map<(value: any) => void, keyof Events>();
  const api = {
    init(options) {
      if (typeof window === 'undefined' || typeof document === 'undefined' || client) return;
      client = createClient(options, script, loadLazy);
      early.forEach((name, listener) => client!.on(name, listener));
    },
    report: async (report) => {
      if (!client) throw new Error('playhead: init was not called');
      return client.report(report);
    },
    on(name, listener) {
      if (client) return client.on(name, listener);
      early.set(listener, name);
      return () => early.delete(listener);
    },
    session: () => client?.session,
    destroy() {
      client?.destroy();
      client = undefined;
    },
  } as Playhead;
  for (const name of ACTS) api[name] = (...args: unknown[]) => { (client?.[name] as any)?.(...args); };
  for (const name of PROMISES) api[name] = async (...args: unknown[]) => { await (client?.[name] as any)?.(...args); };
  return api;
}
