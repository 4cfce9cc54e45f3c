// Takes out of rrweb what records canvases, which this SDK never asks for: 4 KB of gzip, and a worker's source that a
// strict Content-Security-Policy would complain about. Fails when rrweb is not the version that this was written for.
import { readFile } from 'node:fs/promises';

const STUB = `class CanvasManager {
  reset() {} freeze() {} unfreeze() {} lock() {} unlock() {}
}
`;

/** What lies between two lines goes; both must be there once, in this order. */
function cut(text, from, to, stub) {
  const [start, end] = [text.indexOf(`\n${from}`), text.indexOf(`\n${to}`)];
  const once = (line) => text.split(`\n${line}`).length === 2;
  if (start < 0 || end < start || !once(from) || !once(to)) throw new Error(`@rrweb/record changed: ${from} .. ${to}`);
  return text.slice(0, start + 1) + stub + text.slice(end + 1);
}

export const withoutCanvas = {
  name: 'without-canvas',
  setup(build) {
    build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: cut(text, 'var chars = "ABC', 'class StylesheetManager {', STUB), loader: 'js' };
    });
  },
};
