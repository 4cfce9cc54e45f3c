/** Makes one picture of the page: by screen capture where that is allowed, else drawn from the document, in limited time. */
import { grabFrame, hasDisplayCapture, requestDisplay } from './display.ts';
import { type IsMasked, masksControls } from './masks.ts';
import { capturePage } from './page.ts';

/** Drawing the document is given up after this long. */
const PAGE_TIMEOUT_MS = 8_000;
/** The longer side of a picture; a larger one is made smaller. */
const SIDE_MAX_PX = 3_200;

export class CaptureFailed extends Error {
  constructor(readonly reason: 'captureFailed' | 'captureSlow') {
    super(reason);
  }
}

export interface CaptureTools {
  /** The widget's element, which is not pictured. */
  own: Element;
  isMasked?: IsMasked;
  /** Hides the widget and covers what is private; resolves when that is on the screen, with what takes it back. */
  cover(isMasked: IsMasked): Promise<() => void>;
}

/** What failed once fails again, by a policy mostly: one violation that is reported to the page's owner is enough. */
let cannotDraw = false;

/** Rejects with `CaptureFailed` alone. To be called in the handler of the click that asked for it. */
export async function capture(tools: CaptureTools): Promise<HTMLCanvasElement> {
  // A rule that fails must not let anything through.
  const isMasked: IsMasked = (element) => {
    try {
      return (tools.isMasked ?? masksControls)(element);
    } catch {
      return true;
    }
  };
  if (hasDisplayCapture()) {
    try {
      const stream = await requestDisplay();
      return bounded(await grabFrame(stream, () => tools.cover(isMasked)));
    } catch {
      // Refused by the reporter, a policy or the browser: the page can still be drawn.
    }
  }
  return bounded(await drawPage(tools.own, isMasked));
}

async function drawPage(own: Element, isMasked: IsMasked): Promise<HTMLCanvasElement> {
  if (cannotDraw) throw new CaptureFailed('captureFailed');
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      control.abort();
      reject(new Error('the page took too long'));
    }, PAGE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([capturePage(isMasked, own, control.signal), limit]);
  } catch (error) {
    cannotDraw = !control.signal.aborted;
    throw new CaptureFailed(cannotDraw ? 'captureFailed' : 'captureSlow');
  } finally {
    clearTimeout(timer);
  }
}

/** The picture itself, or a smaller one. */
export function bounded(picture: HTMLCanvasElement | ImageBitmap): HTMLCanvasElement {
  const factor = Math.min(1, SIDE_MAX_PX / Math.max(picture.width, picture.height, 1));
  if (factor === 1 && picture instanceof HTMLCanvasElement) return picture;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * factor));
  canvas.height = Math.max(1, Math.round(picture.height * factor));
  const context = canvas.getContext('2d');
  if (!context) throw new CaptureFailed('captureFailed');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The picture as a file of at most so many bytes: without loss if that is small enough. Undefined when nothing fits. */
export async function encoded(picture: HTMLCanvasElement, bytesMax: number): Promise<Blob | undefined> {
  let canvas = picture;
  for (const [type, quality, factor] of [['image/png', undefined, 1], ['image/webp', 0.9, 1], ['image/jpeg', 0.8, 1], ['image/jpeg', 0.7, 0.5]] as const) {
    if (factor !== 1) canvas = resizedTo(canvas, factor);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
    if (blob && blob.type === type && blob.size <= bytesMax) return blob;
  }
  return undefined;
}

function resizedTo(picture: HTMLCanvasElement, factor: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * factor));
  canvas.height = Math.max(1, Math.round(picture.height * factor));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
