/**
 * The script: `<script src="https://HOST/sdk/v1/playhead.js" data-key="phk_.."></script>`. Sets `window.Playhead`, and
 * begins by itself when it has a key. `data-endpoint`, `data-mode`, `data-launcher`, and `data-options` with JSON go to `init`.
 */
import { createApi } from './api.ts';
import { version } from './client.ts';
import type { Settings } from './options.ts';
import type { Options } from './types.ts';
import type { Lazy } from './widget-loader.ts';

const global = window as any;
const element = document.currentScript as HTMLScriptElement | null;
const source = element?.src ?? '';
/** `https://host/path/sdk/v1/playhead.js` belongs to the server at `https://host/path`. */
const server = source && source.replace(/\/(sdk\/v1\/)?[^/]*$/, '');

const load = ({ widget, nonce }: Settings) => new Promise<Lazy>((resolve, reject) => {
  const script = document.createElement('script');
  script.src = widget?.url ?? source.replace(/playhead(\.min)?\.js/, 'playhead-widget.js');
  script.crossOrigin = 'anonymous';
  if (widget?.integrity) script.integrity = widget.integrity;
  if (nonce) script.nonce = nonce;
  const fail = () => reject(new Error(`playhead: ${script.src} could not be loaded`));
  script.onload = () => (global.PlayheadWidget ? resolve(global.PlayheadWidget) : fail());
  script.onerror = fail;
  document.head.append(script);
});
let loading: Promise<Lazy> | undefined;
const api = createApi((settings) => (loading ??= load(settings).catch((error) => {
  loading = undefined;
  throw error;
})), server || undefined);

if (!global.Playhead?.init) {
  global.Playhead = { ...api, version };
  const data = element?.dataset;
  if (data?.key) {
    const { key, endpoint, mode, launcher, options = '{}' } = data;
    api.init({
      key, nonce: element!.nonce, endpoint, mode: mode as Options['mode'],
      ...(launcher == null ? {} : { widget: { launcher: true } }), ...JSON.parse(options),
    });
  }
}
