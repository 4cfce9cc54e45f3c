/** What the SDK takes and gives: the types of its public functions. */
import type { LauncherOption, Severity, SubmittedReport, WidgetAttachment, WidgetPrefill, WidgetTexts } from './widget/host.ts';

/** An rrweb event; `docs/recorder-events.md` lists the custom ones. */
export interface RecordedEvent {
  type: number;
  // rrweb's own types are not part of this package's interface.
  data: any;
  /** Epoch milliseconds. */
  timestamp: number;
}

/** Who uses the page. */
export interface User {
  id?: string;
  name?: string;
  email?: string;
}

/** A report as `report()` takes it. A title or a description is needed. */
export interface ReportInput {
  title?: string;
  description?: string;
  severity?: Severity;
  email?: string;
  tags?: string[];
  metadata?: Record<string, unknown>;
  attachments?: WidgetAttachment[];
  screenshot?: Blob;
}

/** What `beforeSend` may change, or drop by returning null. */
export type Outgoing = { kind: 'event'; event: RecordedEvent } | { kind: 'report'; report: ReportInput };

/** `buffer` keeps the last seconds and uploads them with a report or an error; `session` uploads everything. */
export type Mode = 'session' | 'buffer' | 'off';

/** What is hidden before it leaves the page. Inputs are masked, texts and pictures are not. */
export interface PrivacyOptions {
  /** Default true. Passwords, card numbers and what `autocomplete` names are masked in any case. */
  maskInputs?: boolean;
  /** Default false: `true` masks every text of the page. */
  maskText?: boolean;
  /** Default false: `true` leaves out pictures, video and canvases. */
  blockMedia?: boolean;
  /** Selectors, beside the attributes and classes that are always honoured. */
  blockSelector?: string;
  maskSelector?: string;
  /** Shown in spite of `maskText` and `maskInputs`; never what holds a secret. */
  unmaskSelector?: string;
  /** What is typed there is not recorded at all. */
  ignoreSelector?: string;
  /** Names of query parameters whose values are redacted, beside the built-in ones. */
  redactQuery?: string[];
  /** What is redacted in texts of console and network, beside the built-in patterns. */
  redactPatterns?: RegExp[];
  /** Default true: equal values of masked fields get equal pseudonyms inside a session. */
  pseudonyms?: boolean;
}

/** How requests are recorded. `false` records none. */
export interface NetworkOptions {
  /** Default false. Bodies are cut to `bodyCharsMax` and redacted. */
  bodies?: boolean | ((url: string) => boolean);
  /** Default 16,384. */
  bodyCharsMax?: number;
  /** Headers that are recorded beside content-type, content-length and a few others without secrets. */
  headers?: string[];
  /** Requests that are not recorded. */
  ignore?: (string | RegExp)[];
  /** Default false: texts of WebSocket and EventSource messages. Their counts are always recorded. */
  messages?: boolean;
}

/** How the report widget looks; it is loaded when it is opened. */
export interface WidgetOptions {
  locale?: string;
  texts?: WidgetTexts;
  colorScheme?: 'light' | 'dark' | 'auto';
  /** Default false: no button in the page. */
  launcher?: LauncherOption;
  /** Such as `Control+Shift+B`. */
  shortcut?: string;
  consentText?: string;
  /** Default true: the button that makes a picture of the page. */
  screenshot?: boolean;
  /** Where the widget's script is; default: beside the SDK's own. */
  url?: string;
  /** Subresource integrity of that script. */
  integrity?: string;
}

/** What `init` takes. */
export interface Options {
  /** A write-only ingest key, `phk_..`. */
  key: string;
  /** The server's address; default: where the script came from. */
  endpoint?: string;
  /** Default `session`. */
  mode?: Mode;
  /** Share of the sessions that are uploaded whole, 0 to 1; the others are in mode `buffer`. Default 1. */
  sampleRate?: number;
  /** Seconds that mode `buffer` keeps. Default 60. */
  bufferSeconds?: number;
  /** Default true: an uncaught error uploads what mode `buffer` holds. */
  onError?: boolean;
  /** Default true: recording begins with `init`. */
  autoStart?: boolean;
  /** The version of the application; default: `<meta name="release">` or `<meta name="version">`. */
  release?: string;
  environment?: string;
  user?: User;
  metadata?: Record<string, unknown>;
  tags?: string[];
  privacy?: PrivacyOptions;
  network?: NetworkOptions | false;
  /** Default true. */
  console?: boolean;
  /** Default true: web vitals and long tasks. */
  performance?: boolean;
  /** Seconds without input after which recording pauses. Default 300. */
  idleSeconds?: number;
  /** Milliseconds between uploads. Default 5,000; at most 1,000 after a report. */
  flushMs?: number;
  /** The nonce of the page's Content-Security-Policy, for the widget. */
  nonce?: string;
  widget?: WidgetOptions;
  beforeSend?: (outgoing: Outgoing) => Outgoing | null;
}

/** What `on` tells of. */
export interface Events {
  start: { session: string; window: string; mode: Mode };
  stop: undefined;
  pause: { reason: 'asked' | 'idle' };
  resume: undefined;
  /** An error was recorded. */
  error: { message: string };
  /** A segment is stored on the server. */
  upload: { segment: number; bytes: number };
  /** A report is stored on the server. */
  report: { bugId: string };
  open: undefined;
  close: undefined;
  /** Something is given up: a segment that the server refused, an event too large. */
  drop: { reason: string };
}

/** What is known of an error beside the error itself. */
export interface ErrorHint {
  /** As React's error boundaries give it. */
  componentStack?: string;
  context?: Record<string, unknown>;
}

/** The running recording. */
export interface SessionInfo {
  id: string;
  window: string;
  mode: Mode;
}

/** The functions of the package, which are also those of `window.Playhead`. Before `init`, and on a server, each does nothing. */
export interface Playhead {
  /** Begins. A second call changes nothing. Does nothing on a server. Throws when key or endpoint are missing. */
  init(options: Options): void;
  /** Who uses the page; null when nobody is signed in. */
  identify(user: User | null): void;
  /** Adds to what goes with reports and into the recording. */
  setMetadata(metadata: Record<string, unknown>): void;
  /** Adds a tag to the reports to come. */
  addTag(tag: string): void;
  /** Records an error that was caught. */
  captureException(error: unknown, hint?: ErrorHint): void;
  /** Sends a bug report with the recording. Resolves when it is stored. */
  report(report: ReportInput): Promise<SubmittedReport>;
  /** Opens the report widget. */
  open(prefill?: WidgetPrefill): Promise<void>;
  close(): void;
  /** Begins to record, after `autoStart: false` or `stop`. */
  start(): void;
  /** Ends the recording and closes the replay. */
  stop(): Promise<void>;
  /** Records nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Uploads what is recorded. Resolves when it is stored, or the server doesn't answer. */
  flush(): Promise<void>;
  /** Calls `listener` when something happens; gives the way to stop that. */
  on<K extends keyof Events>(name: K, listener: (value: Events[K]) => void): () => void;
  /** The running recording, if there is one. */
  session(): SessionInfo | undefined;
  /** Takes everything out of the page, for tests and hot reloading. */
  destroy(): void;
}
