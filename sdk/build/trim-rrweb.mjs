// Takes out of @rrweb/record what this SDK never asks for (canvases, fonts, inlined pictures, frames of other origins,
// hooks) and writes its enums as numbers: 5 KB of gzip, and no worker that a strict Content-Security-Policy complains
// about. What is left is rrweb's own code. Fails when rrweb is not the version that this was written for.
import { readFile } from 'node:fs/promises';

const ENUMS = ['EventType', 'IncrementalSource', 'PointerTypes', 'MediaInteractions', 'NodeType'];

/** Scripts, comments, and what a page says of itself to machines, tokens among it: none of it is seen. */
const SLIM = `function slimDOMExcluded({ type, tagName, attributes }) {
  return type === 5 || (type === 2 && (tagName === "script" || (tagName === "meta" && attributes.name !== "viewport") ||
    (tagName === "link" && (attributes.as === "script" || attributes.rel === "modulepreload"))));
}
`;

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
  text = cut(text, 'const DEPARTED_MIRROR_ACCESS_WARNING', 'function throttle(', '');
  text = cut(text, 'function polyfill(', 'function ', 'function polyfill() {}\n');
  text = cut(text, 'function initCustomElementObserver({', 'function mergeHooks(', 'function initCustomElementObserver() { return () => {}; }\n');
  text = cut(text, 'function slimDOMDefaults(', 'function slimDOMExcluded(', 'const slimDOMDefaults = (options) => options;\n');
  text = cut(text, 'function slimDOMExcluded(', 'function serializeNodeWithId(', SLIM);
  text = cut(text, 'function initStyleDeclarationObserver({', 'function initMediaInteractionObserver({', 'function initStyleDeclarationObserver() { return () => {}; }\n');
  // Browsers of this decade have one way each.
  text = cut(text, 'function getWindowScroll(', 'function getWindowHeight(', 'const getWindowScroll = (win) => ({ left: win.scrollX, top: win.scrollY });\n');
  text = cut(text, 'function getWindowHeight(', 'function closestElementOfNode(', 'const getWindowHeight = () => innerHeight;\nconst getWindowWidth = () => innerWidth;\n');
  text = cut(text, 'function classMatchesRegex(', 'function ', 'const classMatchesRegex = () => false;\n');
  text = cut(text, 'try {\n  if (Array.from([1]', 'const mirror = createMirror();', '');
  // A list of names that will be shortened.
  text = replace(text, /init\(options\) \{\n    \[[^\]]*\]\.forEach\(\(key\) => \{\n      this\[key\] = options\[key\];\n    \}\);/g, 'init(options) {\n    Object.assign(this, options);', 1);
  // Only for style elements of several texts, which are played as one.
  text = cut(text, 'function markCssSplits(', '}', 'function markCssSplits(cssText) {\n  return cssText;\n');
  text = replace(text, /console\.(warn|error|debug)\((?=[^)]*\);\n)[^;]*;/g, ';');
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

/** Names that are rrweb's or ours alone and neither the browser's nor those of an event: they may be shortened. */
export const PRIVATE_NAMES = new RegExp(`^(${`
  maskInputOptions blockSelector inlineStylesheet maskInputFn dataURLOptions keepIframeSrcFn blockClass recordCanvas inlineImages
  maskTextSelector styleMirror stylesheetManager maskTextFn maskTextClass addedSet slimDOMOptions onStylesheetLoad
  stylesheetLoadTimeout newlyAddedElement restoreHandlers mutationCb preserveWhiteSpace iframeLoadTimeout removesSubTreeCache
  recordCrossOriginIframes onIframeLoad onSerialize nodeMetaMap bypassOptions movedSet idNodeMap trackedLinkElements attributeMap
  iframeManager shadowDomManager canvasManager processedNodeManager wrappedEmit crossOriginIframeMirror
  crossOriginIframeStyleMirror crossOriginIframeMap crossOriginIframeRootIdMap loadListener takeFullSnapshot mousemoveCb
  mouseInteractionCb scrollCb viewportResizeCb inputCb mediaInteractionCb styleSheetRuleCb styleDeclarationCb canvasMutationCb
  fontCb selectionCb customElementCb adoptedStyleSheetCb skipChild needsMask cssCaptured droppedSet movedMap genAdds
  processMutation processMutations maskAllInputs ignoreClass ignoreSelector recordDOM userTriggeredOnInput collectFonts
  checkoutEveryNms checkoutEveryNth recordAfter slimDOM errorHandler isFrozen unfreeze addIframe addLoadListener attachIframe
  trackLinkElement attachLinkElement addShadowRoot observeAttachShadow adoptStyleSheets generateId getMeta removeNodeFromMap
  hasNode getIds getId getNode shadowDoms emissionCallback unattachedDoc
  isOwn isBlocked isSecret isSecretName maskInput wantsBody wantsMessages takeNumber renumber onStored onDrop onFull settled unsent
  mirror _unchangedStyles styleIDMap idStyleMap mapRemoves nodeMap ignoreCSSAttributes mousemoveCallback patchAttachShadow
  genTextAreaValueMutation trackStylesheetInLinkElement eventProcessor needBlock responseUrl flushMs
  isRefused toSession renewed checkout takeNow putNow earlier onSessionOver isOver renew bufferMs idleMs redact actions masksAttributes
`.trim().split(/\s+/).join('|')})$`);

export const trimRrweb = {
  name: 'trim-rrweb',
  setup(build) {
    build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => ({ contents: trim(await readFile(path, 'utf8')), loader: 'js' }));
  },
};
