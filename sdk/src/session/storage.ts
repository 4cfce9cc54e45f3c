/** Web storage that may be full, forbidden or absent: then the same in memory. */
import { quietly } from '../util.ts';

export interface Store {
  get(name: string): any;
  set(name: string, value: unknown): boolean;
  remove(name: string): void;
}

const PREFIX = 'playhead.';

export function webStorage(kind: 'localStorage' | 'sessionStorage'): Store {
  const memory = new Map<string, string>();
  const storage = quietly(() => window[kind]);
  return {
    get(name) {
      const text = memory.get(name) ?? quietly(() => storage!.getItem(PREFIX + name));
      return text == null ? undefined : quietly(() => JSON.parse(text));
    },
    set(name, value) {
      const text = JSON.stringify(value);
      const stored = quietly(() => (storage!.setItem(PREFIX + name, text), true)) ?? false;
      if (stored) memory.delete(name);
      else memory.set(name, text);
      return stored;
    },
    remove(name) {
      memory.delete(name);
      quietly(() => storage!.removeItem(PREFIX + name));
    },
  };
}
