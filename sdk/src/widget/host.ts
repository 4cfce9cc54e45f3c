/**
 * The contract between the core and the report widget. The core loads the widget lazily, calls `createWidget(host)` of
 * the widget's bundle, and keeps the returned `Widget`. The widget draws and asks; it never sends, stores or records.
 */

/** How bad the reporter says it is. */
export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** One file that goes with a report. */
export interface WidgetAttachment {
  name: string;
  /** Media type, such as `image/png`. */
  type: string;
  data: Blob;
}

/** What the form holds when it is sent. */
export interface WidgetReport {
  title: string;
  description: string;
  severity?: Severity;
  email?: string;
  attachments: WidgetAttachment[];
  /** A picture of the page, with the reporter's drawing on it. PNG, JPEG or WebP. */
  screenshot?: Blob;
}

/** What the server answered to a report. */
export interface SubmittedReport {
  bugId: string;
  /** The bug's number in its project, where the server gives one. */
  number?: number;
}

/** Values that the form starts with. */
export type WidgetPrefill = Partial<Omit<WidgetReport, 'attachments'>> & { attachments?: WidgetAttachment[] };

/** The texts of the widget by their name; what is not given is taken from the locale's own texts. */
export type WidgetTexts = Record<string, string>;

/** How the widget can be called up besides `open()`. */
export type LauncherOption = boolean | {
  position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left';
  label?: string;
};

/** What the widget may ask of the page's core. */
export interface WidgetHost {
  /** BCP 47; else the document's `lang`, else the browser's. */
  locale?: string;
  texts?: WidgetTexts;
  /** Default `auto`: what the page or the system prefers. */
  colorScheme?: 'light' | 'dark' | 'auto';
  /** The nonce of the page's Content-Security-Policy for style elements. */
  styleNonce?: string;
  /** Such as `Control+Shift+B`; the core listens and calls `open()`; given here so that the widget can show it. */
  shortcut?: string;
  /**
   * The launcher is drawn by the core itself when it is wanted, so that the widget is loaded only when it is opened:
   * the widget gets the option only to give focus back and to keep clear of its place.
   */
  launcher?: LauncherOption;
  /** Shown above the button that sends; plain text. */
  consentText?: string;
  /** At most so many bytes for all files of one report. */
  attachmentBytesMax: number;
  /** False takes the button away that makes a picture of the page; files can be attached all the same. Default true. */
  screenshot?: boolean;
  /**
   * Whether a picture of the page must not show what this element holds. Asked for each element that is drawn, parents
   * first; not asked again inside one that is masked. Without it every form control is masked. Frames of another origin
   * always are.
   */
  isMasked?(element: Element): boolean;
  /** What is known of the user, to fill the form. */
  user(): { name?: string; email?: string };
  /** Stops recording until the returned function is called; calls may nest. */
  pauseRecording(): () => void;
  /**
   * Sends the report. `onProgress` gets 0 to 1. Rejects with an `Error` whose `message` is a sentence for developers and
   * whose `retryable` says whether the same report may be sent again.
   */
  submit(report: WidgetReport, onProgress?: (fraction: number) => void): Promise<SubmittedReport>;
  onOpen?(): void;
  onClose?(): void;
}

/** Why a report was not taken. */
export interface SubmitError extends Error {
  retryable: boolean;
}

/** The widget that `createWidget` returns. It owns one host element in the document, marked `data-playhead`. */
export interface Widget {
  open(prefill?: WidgetPrefill): void;
  close(): void;
  /** Takes the widget out of the document. */
  destroy(): void;
}

/** What the widget's bundle exports. */
export type CreateWidget = (host: WidgetHost) => Widget;
