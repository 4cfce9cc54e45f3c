// The page that the widget is tested on: a host that keeps what it is asked, a launcher, the shortcut.
// Options come from the address: locale, scheme, texts, consent, bytes, fail (how often sending fails), refuse.
const query = new URLSearchParams(location.search);
const seen = { reports: [], paused: 0, opened: 0, closed: 0, keys: 0, violations: [], tries: [] };
/** Which report each try was of, by its place in this list. */
const tried = [];
globalThis.seen = seen;
let failures = Number(query.get('fail') ?? 0);

document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => seen.violations.push(`${effectiveDirective} ${blockedURI}`));
document.addEventListener('keydown', () => (seen.keys += 1));

const host = {
  locale: query.get('locale') ?? undefined,
  texts: query.has('texts') ? JSON.parse(query.get('texts')) : undefined,
  colorScheme: query.get('scheme') ?? undefined,
  styleNonce: 'tested',
  consentText: query.get('consent') ?? undefined,
  attachmentBytesMax: Number(query.get('bytes') ?? 10_000_000),
  isMasked: query.has('mask') ? (element) => element.matches(query.get('mask')) : undefined,
  user: () => ({ email: query.get('email') ?? undefined }),
  pauseRecording() {
    seen.paused += 1;
    return () => (seen.paused -= 1);
  },
  async submit(report, onProgress) {
    if (!tried.includes(report)) tried.push(report);
    seen.tries.push(tried.indexOf(report) + 1);
    for (const fraction of [0.3, 0.6, 1]) onProgress(fraction);
    if (query.has('hold')) await new Promise((resolve) => (seen.release = resolve));
    if (failures > 0) {
      failures -= 1;
      throw Object.assign(new Error('the server is away'), { retryable: !query.has('refuse') });
    }
    seen.reports.push(report);
    return { bugId: '01J0000000000000000000000', number: 42 };
  },
  onOpen: () => (seen.opened += 1),
  onClose: () => (seen.closed += 1),
};

const widget = globalThis.createWidget(host);
globalThis.widget = widget;
document.getElementById('launcher').addEventListener('click', () => widget.open());
addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.shiftKey && event.key === 'B') widget.open();
}, true);

/** The colour of one pixel of a picture as [red, green, blue, alpha]. */
globalThis.pixels = async (blob, x, y, width, height) => {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0);
  return { width: bitmap.width, height: bitmap.height, data: [...context.getImageData(x, y, width ?? 1, height ?? 1).data] };
};
