/**
 * Finds where on the screen something is that a picture must not show. What a frame of another origin holds can't be
 * known, and pages put card numbers there, so such frames are always covered.
 */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type IsMasked = (element: Element) => boolean;

/** The rule where the host has none: whatever a person can type into. */
export const masksControls: IsMasked = (element) =>
  element.matches('input:not([type=button],[type=submit],[type=reset],[type=image]), textarea, select, [contenteditable]:not([contenteditable=false])');

/** Elements that are looked at in one picture; a page with more is not pictured. */
export const ELEMENTS_MAX = 60_000;
/** Boxes of one element, one a line or a part of it; an element with more is covered as a whole. */
const BOXES_MAX = 200;
/** Pixels around a box that are covered too: shadows, sub-pixel edges. */
const MARGIN_PX = 2;
/** Boxes in one picture; past that the whole picture is covered. */
const ALL_BOXES_MAX = 4_000;

export class TooManyElements extends Error {}

interface Offset {
  x: number;
  y: number;
}

/** Boxes in pixels of the viewport, clipped to it. `skip` is the widget's own element. */
export function maskedBoxes(document: Document, isMasked: IsMasked, skip: Element): Box[] {
  const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
  const boxes: Box[] = [];
  let seen = 0;

  const cover = (element: Element, offset: Offset): void => {
    for (const rect of boxesOf(element)) {
      const left = Math.max(0, Math.floor(rect.left + offset.x - MARGIN_PX));
      const top = Math.max(0, Math.floor(rect.top + offset.y - MARGIN_PX));
      const right = Math.min(view.width, Math.ceil(rect.right + offset.x + MARGIN_PX));
      const bottom = Math.min(view.height, Math.ceil(rect.bottom + offset.y + MARGIN_PX));
      if (rect.width > 0 && rect.height > 0 && right > left && bottom > top) boxes.push({ x: left, y: top, width: right - left, height: bottom - top });
    }
  };
  const visit = (element: Element, offset: Offset): void => {
    if (element === skip) return;
    if (++seen > ELEMENTS_MAX) throw new TooManyElements();
    if (isMasked(element)) return cover(element, offset);
    if (element instanceof HTMLIFrameElement || element.localName === 'iframe') {
      const inner = innerDocument(element as HTMLIFrameElement);
      if (inner) return visit(inner.documentElement, insideOf(element as HTMLIFrameElement, offset));
      return cover(element, offset);
    }
    if (element.shadowRoot) for (const child of element.shadowRoot.children) visit(child, offset);
    for (const child of element.children) visit(child, offset);
  };
  visit(document.documentElement, { x: 0, y: 0 });
  return boxes.length > ALL_BOXES_MAX ? [{ x: 0, y: 0, ...view }] : boxes;
}

/** The element's own boxes and those of all that it holds, which may stand out of it. */
function boxesOf(element: Element): DOMRect[] {
  const own = [...element.getClientRects()];
  const range = element.ownerDocument.createRange();
  range.selectNodeContents(element);
  const held = range.getClientRects();
  if (held.length <= BOXES_MAX) return [...own, ...held];
  const { left, top, right, bottom } = range.getBoundingClientRect();
  return [...own, new DOMRect(left, top, right - left, bottom - top)];
}

/** The document of a frame; null when it is another origin's. */
export function innerDocument(frame: HTMLIFrameElement): Document | null {
  try {
    return frame.contentDocument;
  } catch {
    return null;
  }
}

function insideOf(frame: HTMLIFrameElement, offset: Offset): Offset {
  const { left, top } = frame.getBoundingClientRect();
  const style = getComputedStyle(frame);
  return {
    x: offset.x + left + frame.clientLeft + (parseFloat(style.paddingLeft) || 0),
    y: offset.y + top + frame.clientTop + (parseFloat(style.paddingTop) || 0),
  };
}

/** Paints over the boxes in a picture that has `scale` pixels per pixel of the viewport. */
export function coverBoxes(canvas: HTMLCanvasElement, boxes: readonly Box[], scale: number): void {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the canvas has no context');
  context.fillStyle = '#7a7f87';
  for (const { x, y, width, height } of boxes) {
    const left = Math.floor(x * scale);
    const top = Math.floor(y * scale);
    context.fillRect(left, top, Math.ceil((x + width) * scale) - left, Math.ceil((y + height) * scale) - top);
  }
}
