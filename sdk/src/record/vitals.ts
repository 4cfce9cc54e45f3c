/**
 * Web vitals as web.dev defines them: FCP, LCP, CLS, INP, TTFB, each told when the page is hidden or left.
 * Google's library is a tenth of what this SDK may weigh; here is what of it the recording needs.
 */
import { observe } from './performance.ts';
import type { Context } from './context.ts';

/** A window of layout shifts: pauses of a second end it, five seconds at most (web.dev/cls). */
const SHIFT_PAUSE_MS = 1000;
const SHIFT_WINDOW_MS = 5000;
/** Interactions that are kept: the worst but one for each fifty (web.dev/inp). */
const WORST_MAX = 10;

export function recordVitals(context: Context) {
  const told = new Map<string, number>();
  const values = new Map<string, number>();
  const set = (name: string, value: number) => values.set(name, Math.round(value * 1000) / 1000);
  const navigation = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  const activated = () => (navigation as any)?.activationStart ?? 0;
  if (navigation?.responseStart) set('TTFB', Math.max(0, navigation.responseStart - activated()));

  observe(context, 'paint', (entries) => {
    for (const entry of entries) if (entry.name === 'first-contentful-paint') set('FCP', Math.max(0, entry.startTime - activated()));
  });
  let isOver = document.visibilityState === 'hidden';
  observe(context, 'largest-contentful-paint', (entries) => {
    if (!isOver) for (const entry of entries) set('LCP', Math.max(0, entry.startTime - activated()));
  });
  let [sum, first, last] = [0, 0, 0];
  observe(context, 'layout-shift', (entries) => {
    if (!values.has('CLS')) set('CLS', 0);
    for (const entry of entries as any[]) {
      if (entry.hadRecentInput) continue;
      const goesOn = sum && entry.startTime - last < SHIFT_PAUSE_MS && entry.startTime - first < SHIFT_WINDOW_MS;
      if (!goesOn) [sum, first] = [0, entry.startTime];
      sum += entry.value;
      last = entry.startTime;
      if (sum > values.get('CLS')!) set('CLS', sum);
    }
  });
  const worst = new Map<number, number>();
  observe(context, 'event', (entries) => {
    for (const { interactionId, duration } of entries as any[]) {
      if (!interactionId) continue;
      worst.set(interactionId, Math.max(duration, worst.get(interactionId) ?? 0));
      if (worst.size > WORST_MAX) worst.delete([...worst].reduce((a, b) => (b[1] < a[1] ? b : a))[0]);
    }
    const sorted = [...worst.values()].sort((a, b) => b - a);
    const place = Math.floor(((performance as any).interactionCount ?? 0) / 50);
    if (sorted.length) set('INP', sorted[Math.min(sorted.length - 1, place)]!);
  }, { durationThreshold: 40 });

  const tell = () => {
    for (const [name, value] of values) {
      if (told.get(name) === value) continue;
      told.set(name, value);
      context.custom('web-vital', { name, value });
    }
  };
  // The largest element counts until the user acts.
  context.undo.listen(window, 'keydown click', ({ isTrusted }: Event) => { isOver ||= isTrusted; });
  context.undo.listen(document, 'visibilitychange', () => { if (document.visibilityState === 'hidden') tell(); });
  return tell;
}
