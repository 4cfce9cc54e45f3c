/** Small tools that every part uses. Never here: anything of recording. */

/** A random id of letters and digits; works on insecure origins too. */
export function randomId(length = 20): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  let id = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) id += letters[byte % 62];
  return id;
}

/** Runs `work`, whose failure must never reach the page. */
export function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export const cut = (text: string, charsMax: number) => (text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text);

/**
 * Replaces `target[name]` by what `wrap` makes of it; gives the way back. When others wrapped it after us, their wrapper
 * stays and ours becomes transparent, because it can't be taken out of the middle.
 */
export function patch<T extends object, K extends keyof T>(target: T | undefined, name: K, wrap: (original: T[K], isOn: () => boolean) => T[K]): () => void {
  const original = target?.[name];
  if (!target || typeof original !== 'function') return () => {};
  let on = true;
  const wrapper = wrap(original, () => on);
  // Others leave properties on it.
  quietly(() => { Object.setPrototypeOf(wrapper, original); target[name] = wrapper; });
  return () => {
    on = false;
    if (target[name] === wrapper) quietly(() => { target[name] = original; });
  };
}

/** Collects what has to be undone. */
export function undoList() {
  const list: (() => void)[] = [];
  return {
    add: (...undo: (() => void)[]) => { list.push(...undo); },
    listen(target: EventTarget, types: string, listener: (event: any) => void, options: AddEventListenerOptions | boolean = true) {
      const safe = (event: Event) => quietly(() => listener(event));
      for (const type of types.split(' ')) {
        target.addEventListener(type, safe, options);
        list.push(() => target.removeEventListener(type, safe, options));
      }
    },
    run() { for (const undo of list.splice(0).reverse()) quietly(undo); },
  };
}
export type UndoList = ReturnType<typeof undoList>;
