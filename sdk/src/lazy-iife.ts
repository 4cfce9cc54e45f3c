/** `playhead-widget.js`: hands its functions to the script that loaded it. */
import { createWidget, sendReport } from './lazy.ts';

(window as any).PlayheadWidget = { createWidget, sendReport };
