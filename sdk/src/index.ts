/** The package: `import { init } from 'playhead'`. Safe to import on a server. */
import { createApi } from './api.ts';
import type { Playhead } from './types.ts';

declare const __VERSION__: string;

// A bundler makes a chunk of what is imported here, which is loaded when it is needed.
const api: Playhead = createApi(() => import('./lazy.ts'));

export const { init, identify, setMetadata, addTag, captureException, report, open, close, start, stop, pause, resume, flush, on, session, destroy } = api;
export const version: string = __VERSION__;
export type * from './types.ts';
export type { LauncherOption, Severity, SubmitError, SubmittedReport, WidgetAttachment, WidgetPrefill, WidgetTexts } from './widget/host.ts';
