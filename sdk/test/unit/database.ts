/** As much of IndexedDB as `offline.ts` asks for: one database, keys in their order, every request answered later. */
export function fakeDatabase() {
  const stores = new Map<string, Map<string, unknown>>();
  const request = (work: () => unknown): any => {
    const made: any = {};
    queueMicrotask(() => {
      made.result = work();
      made.onupgradeneeded?.();
      made.onsuccess?.();
    });
    return made;
  };
  const open = (name: string) => {
    const rows = stores.get(name)!;
    const sorted = () => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      get: (key: string) => request(() => rows.get(key)),
      getAll: () => request(() => sorted().map(([, value]) => value)),
      getAllKeys: () => request(() => sorted().map(([key]) => key)),
      put: (value: unknown, key: string) => request(() => (rows.set(key, value), key)),
      delete: (key: string) => request(() => void rows.delete(key)),
      clear: () => request(() => rows.clear()),
    };
  };
  const database = {
    createObjectStore: (name: string) => stores.set(name, new Map()),
    transaction: (name: string) => ({ objectStore: () => open(name) }),
  };
  return { open: () => request(() => database) };
}
