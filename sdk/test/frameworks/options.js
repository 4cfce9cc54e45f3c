import { stop } from 'playhead';

/** The check hands over where its server is by the address of the page, and ends the recording. */
export function options() {
  window.stopRecording = stop;
  const query = new URLSearchParams(location.search);
  return { key: query.get('key'), endpoint: query.get('endpoint'), release: 'frameworks@1' };
}
