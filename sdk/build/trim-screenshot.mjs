// Takes out of modern-screenshot what the widget never asks for (logging, workers, clones of videos, a frame of its own):
// 1 KB of gzip. What is left is its own code. Fails when it is not the version that this was written for.
import { readFile } from 'node:fs/promises';

function replaced(text, pattern, by, least = 1) {
  const found = text.match(pattern)?.length ?? 0;
  if (found < least) throw new Error(`modern-screenshot changed: ${pattern} is there ${found} times`);
  return text.replace(pattern, by);
}

/** What lies between two lines goes; the second stays. */
function cut(text, from, to, stub) {
  const start = text.indexOf(`\n${from}`);
  const end = text.indexOf(`\n${to}`, start + 1);
  if (start < 0 || end < 0) throw new Error(`modern-screenshot changed: no ${from} .. ${to}`);
  return `${text.slice(0, start + 1)}${stub}\n${text.slice(end + 1)}`;
}

export function trim(text) {
  text = replaced(text, /^ *(?:context\.)?log\.(?:time|timeEnd)\("[^"]*"\);$/gm, '', 15);
  text = replaced(text, /^ *context\.log\.warn\([^;]*\);$/gm, '', 12);
  text = replaced(text, /onWarn\?\.\([^;]*\);/g, ';', 3);
  text = replaced(text, /,? onWarn: context\.log\.warn/g, '', 3);
  text = cut(text, '    workers: [', '    fontFamilies:', '    workers: [],');
  text = cut(text, '      if (!IN_SAFARI && rawUrl.startsWith("http") && workers.length) {', '      return baseFetch(', '');
  text = cut(text, 'async function cloneVideo(', 'function cloneElement(', 'const cloneVideo = (video) => video.cloneNode(false);');
  text = cut(text, 'function getSandBox(', 'const ignoredStyles', 'const getSandBox = (context) => context.sandbox;');
  return cut(text, 'function createLogger(', 'function getDefaultRequestInit(', 'const createLogger = () => undefined;');
}

export const trimScreenshot = {
  name: 'trim-screenshot',
  setup(build) {
    build.onLoad({ filter: /modern-screenshot[\\/]dist[\\/]index\.mjs$/ }, async ({ path }) => ({ contents: trim(await readFile(path, 'utf8')), loader: 'js' }));
  },
};
