/** Resources, the page's own load, web vitals, long tasks: what the browser measures by itself. */
import { quietly } from '../util.ts';
import { epoch, type Context } from './context.ts';
import { PLUGIN } from './requests.ts';
import { recordVitals } from './vitals.ts';

const RESOURCES_MAX = 1000;
/** Wrappers tell these better. */
const WRAPPED = /^(fetch|xmlhttprequest|beacon|eventsource)$/;
const LONG_TASKS_MAX = 200;

export function recordPerformance(context: Context) {
  const { settings, redact, undo, isOwn } = context;
  let resources = 0;
  if (settings.network !== false) {
    observe(context, 'resource', (entries) => {
      const told = (entries as PerformanceResourceTiming[]).filter((e) => !WRAPPED.test(e.initiatorType) && !/^blob:/.test(e.name) && !isOwn(e.name) && resources++ < RESOURCES_MAX);
      if (told.length) context.plugin(PLUGIN, { requests: told.map((entry) => timing(context, entry)) });
    });
    undo.listen(window, 'error', ({ target }: Event) => {
      const url = (target as HTMLImageElement).currentSrc || (target as HTMLImageElement).src || (target as unknown as HTMLLinkElement).href;
      if (!(target instanceof Element) || typeof url !== 'string' || !url || isOwn(url)) return;
      context.custom('$playhead.resource_error', { ...context.target(target), tag: target.tagName.toLowerCase(), url: redact.url(url) });
    });
  }
  if (settings.performance === false) return undefined;
  let tasks = 0;
  observe(context, 'longtask', (entries) => {
    for (const entry of entries) {
      if (tasks++ < LONG_TASKS_MAX) context.custom('$playhead.long_task', { duration: Math.round(entry.duration) }, epoch(entry.startTime));
    }
  });
  return recordVitals(context);
}

/** Entries of one type, those from before included. */
export function observe(context: Context, type: string, take: (entries: PerformanceEntry[]) => void, more: object = {}) {
  quietly(() => {
    const observer = new PerformanceObserver((list) => quietly(() => take(list.getEntries())));
    observer.observe({ type, buffered: true, ...more });
    context.undo.add(() => observer.disconnect());
  });
}

/** An entry as rrweb's network plugin writes it. */
export function timing({ redact }: Context, e: PerformanceResourceTiming | PerformanceNavigationTiming) {
  const end = e.responseEnd || e.startTime + e.duration;
  return {
    name: redact.url(e.name), entryType: e.entryType, initiatorType: e.initiatorType,
    startTime: Math.round(e.startTime), endTime: Math.round(end), responseEnd: Math.round(end), duration: Math.round(end - e.startTime),
    timeOrigin: Math.round(performance.timeOrigin), timestamp: epoch(e.startTime),
    status: (e as any).responseStatus || undefined,
    decodedBodySize: e.decodedBodySize || undefined, transferSize: e.transferSize || undefined, type: (e as any).type,
  };
}
