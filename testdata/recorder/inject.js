// Runs in every page before anything else. RECORDER_OPTIONS is put in front of it by lib.mjs.
// Starts the real rrweb at DOMContentLoaded and hands each event to the driver at once, so a navigation loses nothing.
(function startRecorder(options) {
  if (window !== window.top || location.protocol === 'about:') return;
  const waiting = [];
  const send = (text) => {
    waiting.push(text);
    if (typeof window.__recorderSend !== 'function') return void setTimeout(() => waiting.length && send(waiting.pop()), 10);
    while (waiting.length) window.__recorderSend(waiting.shift());
  };
  const plugins = [];
  if (options.consolePlugin) plugins.push(rrwebPluginConsoleRecord.getRecordConsolePlugin(options.consolePlugin === true ? {} : options.consolePlugin));
  if (options.networkPlugin) plugins.push(rrwebPluginNetworkRecord.getRecordNetworkPlugin(options.networkPlugin === true ? {} : options.networkPlugin));
  rrweb.record({ recordAfter: 'DOMContentLoaded', ...options.rrweb, plugins, emit: (event) => send(JSON.stringify(event)) });
  if (options.urlChanged) {
    const said = () => rrweb.record.addCustomEvent('$url_changed', { href: location.href });
    for (const name of ['pushState', 'replaceState']) {
      const original = history[name];
      history[name] = function (...args) { const out = original.apply(this, args); said(); return out; };
    }
    window.addEventListener('popstate', said);
  }
})(RECORDER_OPTIONS);
