/** What is loaded when it is needed: the report widget, and what sends reports. */
export { sendReport } from './report.ts';
export { createWidget } from './widget/index.ts';
