/**
 * Chooses the widget's texts: the host's own ones first, then those of the locale's language, then English. Tells the
 * language and the direction that the chosen texts have, which need not be the page's.
 */
import type { WidgetTexts } from '../host.ts';
import { de } from './de.ts';
import { en, type TextKey, type Texts } from './en.ts';

const OWN: Record<string, Texts> = { en, de };
const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b|-(arab|hebr|nkoo|thaa)\b/i;
/** A text of the host longer than this is cut. */
const TEXT_CHARS_MAX = 600;

/** Gives a text with `{name}` replaced by the value of that name. */
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

export interface Language {
  /** BCP 47 tag for the `lang` attribute. */
  tag: string;
  direction: 'ltr' | 'rtl';
  t: Translate;
}

/** `locale` is a BCP 47 tag; one without texts of its own falls back to English unless the host gives `texts`. */
export function language(locale: string, texts: WidgetTexts = {}): Language {
  const primary = locale.toLowerCase().split('-')[0] ?? '';
  const own = Object.hasOwn(OWN, primary) ? OWN[primary] : undefined;
  const isForeign = !own && Object.keys(texts).length === 0;
  const tag = isForeign || !locale ? 'en' : locale;
  const table = own ?? en;
  const t: Translate = (key, values = {}) => {
    const given = Object.hasOwn(texts, key) ? texts[key] : undefined;
    const text = typeof given === 'string' ? given.slice(0, TEXT_CHARS_MAX) : table[key];
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
  };
  return { tag, direction: RIGHT_TO_LEFT.test(tag) ? 'rtl' : 'ltr', t };
}

/** A size in words of the language, such as `9.5 MB`; sizes below one kilobyte are rounded up to it. */
export function sizeText(bytes: number, tag: string): string {
  const [unit, divisor] = bytes >= 1_000_000 ? (['megabyte', 1_000_000] as const) : (['kilobyte', 1_000] as const);
  const amount = Math.max(bytes / divisor, unit === 'kilobyte' ? 1 : 0);
  const format = new Intl.NumberFormat(tag, { style: 'unit', unit, maximumFractionDigits: amount < 10 && unit === 'megabyte' ? 1 : 0 });
  // The number and its unit stay on one line.
  return format.format(amount).replace(' ', '\u00a0');
}
