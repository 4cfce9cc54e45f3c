/**
 * What of the page is hidden before it is recorded. In: elements and their texts. Out: masked texts, and the selectors
 * for rrweb. The marks of other recorders are honoured, so that a page that has them need not be marked again.
 */
import type { PrivacyOptions } from '../types.ts';
import { quietly } from '../util.ts';
import { isCardNumber } from './redact.ts';

const marks = (verb: string, ...others: string[]) =>
  [`[data-playhead-${verb}]`, `.playhead-${verb}`, `.rr-${verb}`, `.sentry-${verb}`, `[data-sentry-${verb}]`, ...others];
/** `autocomplete` purposes whose values are secrets or identify a card. */
const PURPOSE = /\b(cc-|.*password|one-time-code|transaction-)/;
const SECRET_FIELD = /pass(word|wort|wd|code|phrase)|kennwort|\bpwd\b|cvv|cvc|card.?num|cc.?num|\bpin\b|\botp\b|secret|iban|\bssn\b/i;
const MEDIA = ['img', 'video', 'audio', 'canvas', 'object', 'embed', 'image'];
/** The same for every secret, so that not even its length is told. */
const SECRET = '********';

export function createMask(o: PrivacyOptions = {}) {
  const join = (list: (string | undefined)[]) => list.filter(Boolean).join(',');
  const block = join([...marks('block', '.ph-no-capture', '[data-playhead]'), o.blockSelector, ...(o.blockMedia ? MEDIA : [])]);
  const mask = join([...marks('mask', '.ph-mask'), o.maskSelector]);
  const unmask = join([...marks('unmask'), o.unmaskSelector]);
  const ignore = join([...marks('ignore', '.ph-ignore-input'), o.ignoreSelector]);
  const within = (element: Element | null, selector: string) => !!element && !!quietly(() => element.closest(selector));
  const secrets = new WeakSet<Element>();
  const stars = (text: string) => text.replace(/\S/g, '*');

  /** True for a field that holds a password, a card or what its purpose says is secret, or that once did. */
  function isSecret(element: Element): boolean {
    if (secrets.has(element)) return true;
    const attribute = (name: string) => element.getAttribute(name) ?? '';
    const secret = attribute('type').toLowerCase() === 'password' || element.hasAttribute('data-rr-is-password') ||
      PURPOSE.test(attribute('autocomplete')) || SECRET_FIELD.test(`${attribute('name')} ${element.id} ${attribute('aria-label')}`.replace(/[-_]/g, ' '));
    if (secret) secrets.add(element);
    return secret;
  }
  const isShown = (element: Element | null) => within(element, unmask) && !within(element, mask);
  /** What `autocomplete` names is the user's own: shown only where the page says so. */
  const isPersonal = (element: Element) => !/^(on|off)?$/.test(element.getAttribute('autocomplete') ?? '');
  /** Typing in these is text of the page for rrweb. */
  const text = o.maskText ? `*,${mask}` : o.maskInputs === false ? mask : `${mask},[contenteditable]:not([contenteditable=false])`;

  return {
    block, ignore,
    /** For rrweb: what its function for texts is asked about. */
    text,
    maskText: (text: string, element: Element | null) => (isShown(element) ? text : stars(text)),
    maskInput(text: string, element: Element): string {
      if (!text) return '';
      if (isSecret(element)) return SECRET;
      if (isCardNumber(text)) return stars(text);
      return isShown(element) || (o.maskInputs === false && !within(element, mask) && !isPersonal(element)) ? text : '*'.repeat(text.length);
    },
    isSecret,
    isBlocked: (element: Element | null) => within(element, `${block},${ignore}`),
    /** Whether a picture or a name of this element must not show what it holds. */
    isMasked: (element: Element): boolean => within(element, block) || (within(element, text) && !isShown(element)) ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && (isSecret(element) || ((o.maskInputs !== false || isPersonal(element)) && !isShown(element)))),
    masksAttributes: !!o.maskText,
    stars,
  };
}
export type Mask = ReturnType<typeof createMask>;
