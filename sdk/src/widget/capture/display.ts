/**
 * A picture by the browser's own screen capture: exact pixels, after the reporter has allowed it. Before the frame is
 * taken the caller hides the widget and covers what is private, on the screen itself, because any surface may be chosen.
 */

/** Options of Chromium that TypeScript's types lack. */
interface DisplayOptions extends DisplayMediaStreamOptions {
  preferCurrentTab?: boolean;
  selfBrowserSurface?: 'include';
  surfaceSwitching?: 'exclude';
  monitorTypeSurfaces?: 'exclude';
}

/** How long a frame from after the covering is waited for. */
const FRESH_FRAME_MS = 3_000;
/** Where a browser does not tell when a frame was taken, this long after the covering it is taken for fresh. */
const SETTLE_MS = 400;

/** Whether the browser has screen capture at all here (not on phones, not on insecure pages). */
export function hasDisplayCapture(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** The stream, asked for at once: the browser wants to see the click. Rejects when the reporter or a policy refuses. */
export function requestDisplay(): Promise<MediaStream> {
  const options: DisplayOptions = {
    video: { frameRate: 30 },
    audio: false,
    preferCurrentTab: true,
    selfBrowserSurface: 'include',
    surfaceSwitching: 'exclude',
    monitorTypeSurfaces: 'exclude',
  };
  return navigator.mediaDevices.getDisplayMedia(options);
}

/**
 * One frame of the stream that was taken after `cover` resolved. The covering keeps the page repainting, without which a
 * still page sends no frame at all. Ends the stream in every case.
 */
export async function grabFrame(stream: MediaStream, cover: () => Promise<() => void>): Promise<HTMLCanvasElement> {
  const video = document.createElement('video');
  let uncover: (() => void) | undefined;
  try {
    uncover = await cover();
    const covered = performance.now();
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await inTime(video.play().then(() => freshFrame(video, covered)));
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    if (!context || canvas.width === 0 || canvas.height === 0) throw new Error('the captured frame is empty');
    context.drawImage(video, 0, 0);
    return canvas;
  } finally {
    uncover?.();
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

function inTime(frame: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    frame.then(resolve, reject);
    setTimeout(() => reject(new Error('no fresh frame came')), FRESH_FRAME_MS);
  });
}

/** Resolves once the video shows a frame of the time after `since`. */
function freshFrame(video: HTMLVideoElement, since: number): Promise<void> {
  return new Promise((resolve) => {
    let tellsTime = false;
    const next = (now: number, { captureTime }: VideoFrameCallbackMetadata): void => {
      tellsTime ||= captureTime !== undefined;
      if (captureTime !== undefined ? captureTime > since : now - since >= SETTLE_MS) resolve();
      else video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback?.(next);
    setTimeout(() => tellsTime || resolve(), SETTLE_MS);
  });
}
