// Takes out of @rrweb/record what this SDK never asks for (canvases, fonts, inlined pictures, frames of other origins,
// hooks) and writes its enums as numbers: 5 KB of gzip, and no worker that a strict Content-Security-Policy complains
// about. What is left is rrweb's own code. Fails when rrweb is not the version that this was written for.
import { readFile } from 'node:fs/promises';

const ENUMS = ['EventType', 'IncrementalSource', 'PointerTypes', 'MediaInteractions', 'NodeType'];

/** Replaces `pattern`, which must be there exactly `times` times (or at least once). */
function replace(text, pattern, by, times) {
  let found = 0;
  const out = text.replaceAll(pattern, (...args) => {
    found += 1;
    return typeof by === 'function' ? by(...args) : by;
  });
  if (times === undefined ? !found : found !== times) throw new Error(`@rrweb/record changed: ${pattern} is there ${found} times`);
  return out;
}

/** What lies between two lines goes; the second stays. */
function cut(text, from, to, stub) {
  const start = text.indexOf(`\n${from}`);
  const end = text.indexOf(`\n${to}`, start + 1);
  if (start < 0 || end < 0) throw new Error(`@rrweb/record changed: no ${from} .. ${to}`);
  return text.slice(0, start + 1) + stub + text.slice(end + 1);
}

export function trim(text) {
  text = cut(text, 'var chars = "ABC', 'class StylesheetManager {', 'class CanvasManager {\n  reset() {} freeze() {} unfreeze() {} lock() {} unlock() {}\n}\n');
  text = cut(text, 'class CrossOriginIframeMirror {', 'class IframeManager {', 'class CrossOriginIframeMirror {}\n');
  text = cut(text, '  handleMessage(message) {', '}', '  handleMessage() {}\n');
  text = cut(text, 'function mergeHooks(o, hooks) {', 'function initObservers(', 'function mergeHooks() {}\n');
  text = cut(text, 'function initFontObserver({', 'function initSelectionObserver(', 'function initFontObserver() {}\n');
  text = cut(text, 'class BaseRRNode {', '}', 'class BaseRRNode {\n');
  text = replace(text, 'if (tagName === "canvas" && recordCanvas) {', 'if (false) {', 1);
  text = replace(text, 'if (tagName === "img" && inlineImages) {', 'if (false) {', 1);
  text = replace(text, /__publicField\(this, "\w+"\);/g, '');
  text = replace(text, /__publicField\(this, "(\w+)", /g, (_, name) => `(this.${name} = `);
  for (const name of ENUMS) {
    const members = new Map([...text.matchAll(new RegExp(`${name}2\\[${name}2\\["(\\w+)"\\] = (\\d+)\\]`, 'g'))].map((match) => [match[1], match[2]]));
    text = replace(text, new RegExp(`\\b${name}\\.(\\w+)|\\b${name}\\["(\\w+)"\\]`, 'g'), (_, a, b) => members.get(a ?? b));
  }
  return text;
}

export const trimRrweb = {
  name: 'trim-rrweb',
  setup(build) {
    build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => ({ contents: trim(await readFile(path, 'utf8')), loader: 'js' }));
  },
};
