/**
 * Changes of the address without a load, how each page was reached, visibility.
 * A page notes in the tab's storage what it was leaving for; the next page then knows whether a link led to it.
 */
import { tab } from '../session/session.ts';
import { patch } from '../util.ts';
import { told, type Belonging } from './actions.ts';
import type { Context } from './context.ts';
import { timing } from './performance.ts';
import { PLUGIN } from './requests.ts';

interface Departure { to: string; at: number; how: 'link' | 'form' | 'script'; by?: Belonging }
/** A page that begins so long after the last one's departure was not reached by it. */
const DEPARTURE_MS_MAX = 30_000;

export function recordNavigation(context: Context) {
  const { undo, redact, actions, custom } = context;
  let href = location.href;
  const changed = (type: string) => {
    if (location.href === href && type !== 'pushState') return;
    href = location.href;
    custom('$url_changed', { href: redact.url(href), type, ...told(actions.current()) });
  };
  for (const name of ['pushState', 'replaceState'] as const) {
    undo.add(patch(history, name, (original, isOn) => function (this: History, ...args: Parameters<History['pushState']>) {
      const result = original.apply(this, args);
      if (isOn()) changed(name);
      return result;
    }));
  }
  undo.listen(window, 'popstate hashchange', (event: Event) => changed(event.type));
  undo.listen(document, 'visibilitychange', () => custom('visibilitychange', { state: document.visibilityState }));
  noteDepartures(context);
  reached(context);
}

/** What will lead away from this page, as far as the browser tells. */
function noteDepartures({ undo, actions }: Context) {
  const note = (to: string, how: Departure['how']) => tab.set('departure', { to: to.replace(/#.*/, ''), at: Date.now(), how, by: actions.current() } satisfies Departure);
  // Browsers without the Navigation API tell the next page by its referrer alone.
  const { navigation } = window as any;
  if (navigation) undo.listen(navigation, 'navigate', (event: any) => {
    if (event.destination.sameDocument || event.downloadRequest != null || !/push|replace/.test(event.navigationType)) return;
    note(event.destination.url, event.formData ? 'form' : event.userInitiated ? 'link' : 'script');
  });
}

/** Tells how this page was reached, once. */
function reached(context: Context) {
  const entry = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  const departure = tab.get('departure') as Departure | undefined;
  tab.remove('departure');
  const isOurs = !!departure && departure.at <= Date.now() && performance.timeOrigin - departure.at < DEPARTURE_MS_MAX && departure.at - performance.timeOrigin < 1000;
  const { referrer } = document;
  const type = entry?.type === 'reload' || entry?.type === 'back_forward' ? entry.type
    : isOurs ? departure.how
    : referrer ? (window.opener ? 'opened' : 'link')
    : entry?.type === 'navigate' ? 'typed' : 'unknown';
  context.custom('$playhead.navigation', {
    type, href: context.redact.url(location.href),
    referrer: referrer ? context.redact.url(referrer) : undefined,
    // The page that was asked for and the one that came differ by a redirect.
    asked: isOurs && departure.to !== location.href.replace(/#.*/, '') ? context.redact.url(departure.to) : undefined,
    ...(isOurs && !/reload|back/.test(type) ? told(departure.by) : {}),
  });
  const load = () => {
    if (entry && context.settings.network !== false) context.plugin(PLUGIN, { requests: [timing(context, entry)], isInitial: true });
  };
  if (document.readyState === 'complete') load();
  else context.undo.listen(window, 'load', () => setTimeout(load), { once: true });
}
