/** Secrets in texts and addresses of console and network. In: text. Out: text without them. */
import { quietly } from '../util.ts';

export const REDACTED = '[redacted]';

/** Names of fields, headers and parameters whose values are secrets. */
const SECRET_NAME =
  /pass(?!enger|age|ive)|pwd|secret|token|(api|access|private|encryption)[-_]?key|(^|[-_])auth(?!or)|authori[sz]ation|credential|cookie|csrf|xsrf|jwt|signature|^sig$|sess(ion)?[-_]?(id|key)|^sid$|(^|[-_])otp|^pin$|cvv|cvc|card[-_]?num|iban|^ssn$|verifier|kennwort/i;
/** Values that are secrets whatever they are called. */
const PATTERNS: RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:Bearer|Basic)\s+[\w+/.~-]{8,}=*/gi,
  /\b(?:phk|pht|ghp|gho|ghs|github_pat|glpat|xox[abprs]|sk|pk|rk|whsec)[-_][\w-]{16,}/g,
  /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
];
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

/** The check digit that every card number has. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^\d{13,19}$/.test(digits)) return false;
  let sum = 0;
  for (let at = digits.length - 1, even = false; at >= 0; at--, even = !even) {
    const digit = Number(digits[at]) * (even ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

export function createRedact(moreNames: string[] = [], morePatterns: RegExp[] = []) {
  const more = new Set(moreNames.map((name) => name.toLowerCase()));
  const patterns = [...PATTERNS, ...morePatterns.map((p) => new RegExp(p.source, p.flags.includes('g') ? p.flags : `${p.flags}g`))];
  const isSecretName = (name: string) => SECRET_NAME.test(name) || more.has(name.toLowerCase());

  function text(value: string): string {
    for (const pattern of patterns) value = value.replace(pattern, REDACTED);
    return value.replace(CARD, (number) => (isCardNumber(number) ? REDACTED : number));
  }
  /** `a=b&c=d` with whatever stands before the values. */
  const pairs = (query: string) => query.replace(/([^?#&=;]+)=([^&#;]*)/g, (pair, name: string) =>
    (isSecretName(quietly(() => decodeURIComponent(name)) ?? name) ? `${name}=${REDACTED}` : pair));

  return {
    isSecretName,
    text,
    url(value: string): string {
      if (value.startsWith('data:')) return `${value.slice(0, value.indexOf(',') + 1 || 40)}..`;
      const at = value.search(/[?#]/);
      const [path, tail] = at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at)];
      return text(path.replace(/^(\w+:\/\/)[^/@]*@/, '$1') + pairs(tail));
    },
    /** A body: JSON, a form, or other text. */
    body(value: string): string {
      const hidden = value
        .replace(/("([^"\\]{1,80})"\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*)/g, (all, head: string, name: string) => (isSecretName(name) ? `${head}"${REDACTED}"` : all));
      return text(/^[^{["<\s]+=/.test(hidden) ? pairs(hidden) : hidden);
    },
  };
}
export type Redact = ReturnType<typeof createRedact>;
