/**
 * Bug reports. In: what the user or the page says. Out: one request that may be repeated, because it has an id of its own.
 * By XMLHttpRequest: no other request tells how much of it was sent.
 */
import type { Settings } from './options.ts';
import type { ReportInput, User } from './types.ts';
import type { SubmitError, SubmittedReport } from './widget/host.ts';
import { randomId } from './util.ts';

const PRIORITY = { low: 'low', medium: 'medium', high: 'high', critical: 'urgent' } as const;
const TITLE_CHARS_MAX = 300;
const DESCRIPTION_CHARS_MAX = 50_000;
const native = typeof XMLHttpRequest === 'undefined' ? undefined : { open: XMLHttpRequest.prototype.open, send: XMLHttpRequest.prototype.send };

export interface ReportContext {
  settings: Settings;
  replay: string | undefined;
  user: User;
  metadata: Record<string, unknown>;
  tags: string[];
  url: string;
}

/** The id of a report stays the same when it is sent again. */
const ids = new WeakMap<object, string>();

export function sendReport(report: ReportInput, context: ReportContext, onProgress?: (fraction: number) => void): Promise<SubmittedReport> {
  const { settings } = context;
  const id = ids.get(report) ?? randomId();
  ids.set(report, id);
  const form = new FormData();
  form.append('bug', new Blob([JSON.stringify(bugOf(report, id, context))], { type: 'application/json' }));
  if (report.screenshot) form.append('screenshot', report.screenshot, 'screenshot.png');
  for (const file of (report.attachments ?? []).slice(0, 10)) form.append('attachment', new Blob([file.data], { type: file.type }), file.name);
  return new Promise((resolve, reject) => {
    const fail = (message: string, retryable: boolean) => reject(Object.assign(new Error(message), { retryable }) satisfies SubmitError);
    const request = new XMLHttpRequest();
    native!.open.call(request, 'POST', `${settings.endpoint}/v1/bugs?key=${settings.key}`, true);
    request.timeout = 120_000;
    if (onProgress) request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      const { status } = request;
      if (status >= 200 && status < 300) return answered(request.responseText, resolve, fail);
      let said = '';
      try { said = JSON.parse(request.responseText).error.message; } catch { /* no answer of Playhead's */ }
      fail(`the server refused the report: ${said || status}`, status >= 500 || status === 429 || status === 408);
    };
    request.onerror = () => fail('the server can\'t be reached; check the endpoint, the allowed origins and connect-src', true);
    request.ontimeout = () => fail('the server did not answer in time', true);
    native!.send.call(request, form);
  });
}

function answered(text: string, resolve: (report: SubmittedReport) => void, fail: (message: string, retryable: boolean) => void) {
  try {
    const { bug, number } = JSON.parse(text);
    resolve({ bugId: String(bug), ...(typeof number === 'number' ? { number } : {}) });
  } catch {
    fail('the server answered what is no report; is the endpoint a Playhead server?', false);
  }
}

function bugOf(report: ReportInput, id: string, { settings, replay, user, metadata, tags, url }: ReportContext) {
  const email = report.email ?? user.email;
  const { release, environment } = settings;
  return {
    client_id: id,
    title: (report.title || report.description || 'Report without a title').split('\n')[0]!.slice(0, TITLE_CHARS_MAX),
    description: (report.description ?? '').slice(0, DESCRIPTION_CHARS_MAX),
    priority: PRIORITY[report.severity ?? 'medium'] ?? 'medium',
    reporter: { name: user.name, email, id: user.id },
    page: { url, title: document.title, referrer: document.referrer },
    system: {
      user_agent: navigator.userAgent, viewport: { width: innerWidth, height: innerHeight }, device_pixel_ratio: devicePixelRatio,
      language: navigator.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    metadata: { ...metadata, ...report.metadata, release, environment },
    tags: [...new Set([...tags, ...(report.tags ?? [])])].slice(0, 50).map((tag) => tag.slice(0, 64)),
    replay,
  };
}
