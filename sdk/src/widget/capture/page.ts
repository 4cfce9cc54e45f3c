/**
 * A picture that is drawn from the document, for browsers without screen capture. Only what is on the screen is cloned;
 * masked elements are emptied in the clone and painted over as well. No request leaves for another origin.
 */
import { createContext, destroyContext, domToCanvas } from 'modern-screenshot';
import { coverBoxes, ELEMENTS_MAX, type IsMasked, maskedBoxes, TooManyElements } from './masks.ts';

/** A file of the page that takes longer is left out of the picture. */
const RESOURCE_TIMEOUT_MS = 2_000;
const SCALE_MAX = 2;
/** The page gets the main thread back at least this often. */
const SLICE_MS = 40;
/** Elements below the screen that are kept, empty, for the place of those before them. */
const BELOW_MAX = 200;
const NOTHING = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

/** Draws what the viewport shows. Stops with the signal's reason when it is aborted. */
export async function capturePage(isMasked: IsMasked, skip: Element, signal: AbortSignal): Promise<HTMLCanvasElement> {
  const boxes = maskedBoxes(document, isMasked, skip);
  const clone = new CloneRules(isMasked, skip, signal);
  const scale = Math.min(window.devicePixelRatio || 1, SCALE_MAX);
  let isForbidden = false;
  const onViolation = ({ blockedURI, effectiveDirective }: SecurityPolicyViolationEvent): void => {
    if (blockedURI.startsWith('data') && effectiveDirective === 'img-src') isForbidden = true;
  };
  document.addEventListener('securitypolicyviolation', onViolation);
  const sandbox = blankFrame(skip);
  const context = await createContext(document.documentElement as Node, {
    width: document.documentElement.clientWidth,
    height: window.innerHeight,
    scale,
    backgroundColor: pageColour(),
    timeout: RESOURCE_TIMEOUT_MS,
    fetchFn: ownImage,
    // Looking for fonts takes a style element, which strict policies forbid.
    font: document.fonts.size > 0 ? {} : false,
    filter: (node) => clone.takes(node),
    onCloneEachNode: (node) => clone.finish(node),
    features: { restoreScrollPosition: true },
  });
  // Its own frame is loaded with a document while the clone is made, and breaks what is under way.
  context.sandbox = sandbox;
  try {
    const canvas = await domToCanvas(context);
    signal.throwIfAborted();
    if (isForbidden) throw new Error('the policy of the page forbids data: images');
    coverBoxes(canvas, boxes, scale);
    return canvas;
  } finally {
    document.removeEventListener('securitypolicyviolation', onViolation);
    destroyContext(context);
    sandbox.remove();
  }
}

/** An empty document in which the styles are found that an element has of itself; inside the widget, not the page. */
function blankFrame(own: Element): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.tabIndex = -1;
  (own.shadowRoot ?? own).append(frame);
  return frame;
}

/** What lies behind the document's own background. */
function pageColour(): string {
  for (const element of [document.documentElement, document.body]) {
    const colour = element && getComputedStyle(element).backgroundColor;
    if (colour && !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(colour)) return colour;
  }
  return '#ffffff';
}

/** An image of the document from the pixels that are there already; others of the own origin are fetched. */
async function ownImage(url: string): Promise<string | false> {
  const shown = [...document.images].find((image) => image.currentSrc === url && image.complete && image.naturalWidth > 0);
  if (shown) {
    try {
      const canvas = document.createElement('canvas');
      canvas.width = Math.min(shown.naturalWidth, 2_000);
      canvas.height = Math.round((canvas.width / shown.naturalWidth) * shown.naturalHeight);
      canvas.getContext('2d')?.drawImage(shown, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL();
    } catch {
      return NOTHING;
    }
  }
  return new URL(url, location.href).origin === location.origin ? false : NOTHING;
}

/** Which nodes are cloned, and what is changed in their clones. Elements come in pairs: taken, then finished. */
class CloneRules {
  private readonly visible = new Set<Element>();
  private readonly hollow = new Set<Node>();
  private readonly masked = new Set<Node>();
  private readonly open: Element[] = [];
  private readonly frameRoots = new WeakSet<Node>();
  private below = 0;
  private sliceEnd = performance.now() + SLICE_MS;

  constructor(private readonly isMasked: IsMasked, private readonly skip: Element, private readonly signal: AbortSignal) {
    this.findVisible();
  }

  takes(node: Node): boolean {
    const parent = node.parentNode instanceof ShadowRoot ? node.parentNode.host : node.parentNode;
    if (parent && this.hollow.has(parent)) return false;
    if (!(node instanceof Element) && node.nodeType !== Node.ELEMENT_NODE) return true;
    const element = node as Element;
    // A video's clone would be loaded and played anew.
    if (element === this.skip || element.hasAttribute('data-playhead') || element.localName === 'video') return false;
    if (element.ownerDocument === document && !this.visible.has(element) && !hasNoBox(element)) {
      const isBelow = element.getBoundingClientRect().top >= window.innerHeight;
      if (isBelow && (!isArranged(element) || ++this.below > BELOW_MAX)) return false;
      this.hollow.add(element);
    }
    if (this.isMasked(element)) {
      this.masked.add(element);
      this.hollow.add(element);
    }
    this.open.push(element);
    return true;
  }

  async finish(clone: Node): Promise<void> {
    if ((clone as Element).localName === 'html' && !this.frameRoots.has(clone)) {
      // The document's root, and that of a frame, which is finished a second time in the frame's place.
      this.frameRoots.add(clone);
      return;
    }
    const element = this.open.pop();
    if (element && clone instanceof HTMLElement) {
      if (this.masked.has(element)) empty(clone);
      else {
        place(element, clone);
        keepState(element, clone);
      }
    }
    if (performance.now() < this.sliceEnd) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.signal.throwIfAborted();
    this.sliceEnd = performance.now() + SLICE_MS;
  }

  /** Elements on the screen, and all that hold one. */
  private findVisible(): void {
    let seen = 0;
    const visit = (element: Element): boolean => {
      if (++seen > ELEMENTS_MAX) throw new TooManyElements();
      const { left, top, right, bottom } = element.getBoundingClientRect();
      let isVisible = right > left && bottom > top && right > 0 && bottom > 0 && left < window.innerWidth && top < window.innerHeight;
      for (const child of [...(element.shadowRoot?.children ?? []), ...element.children]) isVisible = visit(child) || isVisible;
      if (isVisible) this.visible.add(element);
      return isVisible;
    };
    visit(document.documentElement);
  }
}

/** What is drawn with its parent: its own box says nothing about where. */
function hasNoBox(element: Element): boolean {
  return (element instanceof SVGElement && element.ownerSVGElement !== null) || element.matches('head, option, optgroup');
}

/** Whether its neighbours' places depend on it even when it comes after them. */
function isArranged(element: Element): boolean {
  const parent = element.parentElement;
  return parent !== null && /flex|table/.test(getComputedStyle(parent).display);
}

function empty(clone: HTMLElement): void {
  clone.replaceChildren();
  for (const name of ['value', 'placeholder', 'src', 'srcset', 'poster', 'alt', 'title', 'href', 'data']) clone.removeAttribute(name);
  clone.style.setProperty('background-image', 'none', 'important');
  clone.style.setProperty('visibility', 'hidden', 'important');
}

/** What a person has chosen and typed is no attribute yet, and the clone is written out as text. */
function keepState(element: Element, clone: HTMLElement): void {
  if (element instanceof HTMLTextAreaElement) clone.textContent = element.value;
  else if (element instanceof HTMLOptionElement) clone.toggleAttribute('selected', element.selected);
  else if (element instanceof HTMLInputElement) clone.toggleAttribute('checked', element.checked);
}

/** What is fixed or stuck to the screen would scroll with the clone, which is moved as a whole. */
function place(element: Element, clone: HTMLElement): void {
  if (!window.scrollX && !window.scrollY) return;
  const { position } = getComputedStyle(element);
  if (position !== 'fixed' && position !== 'sticky') return;
  const rect = element.getBoundingClientRect();
  if (position === 'fixed') {
    const body = document.body.getBoundingClientRect();
    // The logical names would win over the physical ones where the clone's style is read again.
    for (const name of ['inset-inline', 'inset-block', 'margin', 'margin-inline', 'margin-block']) clone.style.removeProperty(name);
    clone.style.setProperty('inset', `${rect.top - body.top}px auto auto ${rect.left - body.left}px`);
    clone.style.setProperty('margin', '0');
    return;
  }
  const before = element.previousElementSibling?.getBoundingClientRect().bottom;
  const start = before ?? element.parentElement?.getBoundingClientRect().top ?? rect.top;
  clone.style.setProperty('position', 'relative');
  for (const name of ['inset-inline', 'inset-block']) clone.style.removeProperty(name);
  clone.style.setProperty('inset', `${Math.max(0, rect.top - start)}px auto auto auto`);
}
