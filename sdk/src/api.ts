/** The public functions, see `Playhead` in types.ts. */
import { createClient, type Client } from './client.ts';
import type { Events, Playhead } from './types.ts';
import type { LoadLazy } from './widget-loader.ts';

export function createApi(loadLazy: LoadLazy, script?: string): Playhead {
  let client: Client | undefined;
  /** Listeners that were added before `init`. */
  const early: [keyof Events, (value: any) => void][] = [];

  return {
    init(options) {
      if (typeof window === 'undefined' || typeof document === 'undefined' || client) return;
      client = createClient(options, script, loadLazy);
      for (const [name, listener] of early.splice(0)) client.on(name, listener);
    },
    identify: (user) => client?.identify(user),
    setMetadata: (metadata) => client?.setMetadata(metadata),
    addTag: (tag) => client?.addTag(tag),
    captureException: (error, hint) => client?.captureException(error, hint),
    report: (report) => client?.report(report) ?? Promise.reject(new Error('playhead: init was not called')),
    open: async (prefill) => client?.open(prefill),
    close: () => client?.close(),
    start: () => client?.start(),
    stop: async () => client?.stop(),
    pause: () => client?.pause(),
    resume: () => client?.resume(),
    flush: async () => client?.flush(),
    on(name, listener) {
      if (client) return client.on(name, listener);
      const entry: (typeof early)[number] = [name, listener];
      early.push(entry);
      return () => { early.splice(early.indexOf(entry) >>> 0, 1); };
    },
    session: () => client?.session,
    destroy() {
      client?.destroy();
      client = undefined;
    },
  };
}
