/** A document for the tests of parts that need one. Imported first, because some parts look at it when they are loaded. */
import { JSDOM } from 'jsdom';

export const dom = new JSDOM('<!doctype html><html lang="en"><head><title>Test</title></head><body></body></html>', { url: 'https://shop.test/cart', pretendToBeVisual: true });
const { window } = dom;
for (const name of ['document', 'location', 'Node', 'Element', 'HTMLElement', 'Event', 'HTMLInputElement', 'HTMLAnchorElement', 'localStorage', 'sessionStorage', 'Storage', 'DOMException']) {
  Object.defineProperty(globalThis, name, { value: (window as any)[name], configurable: true, writable: true });
}
Object.defineProperty(globalThis, 'window', { value: window, configurable: true, writable: true });
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true, writable: true });
// A server that never answers; parts take the function when they are loaded.
(window as any).fetch = () => new Promise(() => {});
globalThis.addEventListener = window.addEventListener.bind(window) as any;

/** An element of some HTML. */
export function element(html: string): Element {
  document.body.innerHTML = html;
  return document.body.firstElementChild!;
}
