/** Which files a report takes: a bounded number, a bounded size, no empty ones. Pure. */
import type { WidgetAttachment } from './host.ts';

/** Files of one report besides the picture that can be drawn on. */
export const FILES_MAX = 5;
const NAME_CHARS_MAX = 120;

export type Refusal = 'fileTooMany' | 'fileTooBig' | 'fileEmpty';

/** A file as the form holds it. */
export interface HeldFile extends WidgetAttachment {
  id: number;
}

/**
 * Whether a file of `size` bytes can be added to what is held. `heldBytes` is the size of all that is held, with the
 * picture; `bytesMax` that of one report.
 */
export function refusal(size: number, heldFiles: number, heldBytes: number, bytesMax: number): Refusal | undefined {
  if (size === 0) return 'fileEmpty';
  if (heldFiles >= FILES_MAX) return 'fileTooMany';
  if (heldBytes + size > bytesMax) return 'fileTooBig';
  return undefined;
}

/** A name that can be shown and sent: one line without control or direction characters, of bounded length. */
export function fileName(name: string | undefined, type: string, position: number): string {
  const clean = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]+/gu, ' ').trim();
  if (!clean) return `file-${position}.${/^\w+\/([\w-]{1,8})/.exec(type)?.[1] ?? 'bin'}`;
  if (clean.length <= NAME_CHARS_MAX) return clean;
  // The ending says what the file is, so the middle is what gives way.
  return `${clean.slice(0, NAME_CHARS_MAX - 20)}…${clean.slice(-19)}`;
}

/** Pictures that a browser can decode and that can so be drawn on. */
export function isPicture(type: string): boolean {
  return /^image\/(png|jpeg|webp|gif|avif|bmp)$/.test(type);
}

/** An address that a reply could reach; the server decides in the end. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text);
}
