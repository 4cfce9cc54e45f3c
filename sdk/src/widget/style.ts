/**
 * The widget's style, for its shadow root alone. Lengths are in `em` of the reader's own font size, since a page may have
 * set `rem` to anything. Nothing moves unless motion is welcome.
 */
const CSS = `
:host { all: initial !important; display: contents !important; }
*, ::before, ::after { box-sizing: border-box; }
dialog {
  --ink: #1a1c20; --paper: #fff; --raised: #f6f7f9; --soft: #565c66; --line: #d3d7de; --edge: #7b828d;
  --accent: #0b57d0; --on-accent: #fff; --danger: #a50e0e; --good: #146c2e; --veil: rgb(20 24 31 / .45);
  --target: max(44px, 2.75em);
  position: fixed; inset: 0; width: min(35em, calc(100vw - 2em)); height: fit-content; max-width: none;
  max-height: min(48em, calc(100dvh - 2em)); margin: auto; padding: 0; flex-direction: column; overflow: hidden;
  border: 1px solid var(--line); border-radius: .75em; background: var(--paper); color: var(--ink); color-scheme: light;
  box-shadow: 0 1.2em 3.5em rgb(0 0 0 / .28); font: 400 medium/1.5 system-ui, sans-serif; text-align: start; overflow-wrap: break-word;
}
dialog[open] { display: flex; }
dialog.dark {
  --ink: #e8eaee; --paper: #16181d; --raised: #1f232a; --soft: #aab1bd; --line: #363b45; --edge: #8b93a1;
  --accent: #a8c7fa; --on-accent: #062e6f; --danger: #f6aea9; --good: #86d69b; --veil: rgb(0 0 0 / .6);
  color-scheme: dark;
}
dialog::backdrop { background: rgb(20 24 31 / .45); }
dialog.dark::backdrop { background: rgb(0 0 0 / .6); }
dialog.wide { width: min(72em, calc(100vw - 2em)); height: calc(100dvh - 2em); max-height: none; }
.wide .view, .wide .body { flex: 1 1 0; }
dialog.away, dialog.away::backdrop { visibility: hidden; background: transparent; }
[hidden] { display: none !important; }
.curtain { position: fixed; inset: 0; visibility: visible; background: rgb(128 128 128 / .001); pointer-events: none; }
.pulse { background: rgb(128 128 128 / .002); }
.curtain > div { position: absolute; background: #7a7f87; }
h2, p, ul, fieldset { margin: 0; padding: 0; border: 0; }
h2 { font-size: 1.2em; font-weight: 650; line-height: 1.3; }
h2:focus, .status:focus { outline: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

header h2 { flex: 1; }
header { display: flex; align-items: center; gap: .5em; padding: .6em .6em .6em 1.25em; border-block-end: 1px solid var(--line); }
[dir=rtl] header { padding: .6em 1.25em .6em .6em; }
.view { display: flex; flex: 0 1 auto; flex-direction: column; min-height: 0; }
.body { display: flex; flex: 0 1 auto; flex-direction: column; gap: 1.1em; min-height: 0; padding: 1.25em; overflow-y: auto; overscroll-behavior: contain; }
.body[inert] { opacity: .55; }
footer { display: flex; flex-direction: column; gap: .75em; padding: .9em 1.25em; border-block-start: 1px solid var(--line); background: var(--raised); }
.actions { display: flex; flex-wrap: wrap; gap: .75em; justify-content: flex-end; }

.field { display: flex; flex-direction: column; gap: .3em; min-width: 0; }
.pair { display: grid; grid-template-columns: 2fr 3fr; gap: 1.1em; align-items: start; }
label, .label { font-weight: 600; }
.hint, .optional { color: var(--soft); font-size: .9em; font-weight: 400; }
.error { color: var(--danger); font-size: .9em; font-weight: 600; }
.error:empty, .alert:empty { display: none; }
input[type=text], input[type=email], textarea, select {
  width: 100%; min-height: var(--target); margin: 0; padding: .5em .7em; border: 1px solid var(--edge); border-radius: .4em;
  background: var(--paper); color: inherit; font: inherit; letter-spacing: normal;
}
textarea { min-height: 6.5em; max-height: 20em; resize: vertical; }
[aria-invalid=true] { border-color: var(--danger); box-shadow: inset 0 0 0 1px var(--danger); }

button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5em; min-height: var(--target); min-width: var(--target);
  margin: 0; padding: .4em 1.1em; border: 1px solid var(--edge); border-radius: .4em; background: transparent; color: var(--ink);
  font: inherit; font-weight: 600; text-align: center; cursor: pointer;
}
button:hover { background: color-mix(in srgb, var(--ink) 7%, transparent); }
button.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button.main:hover { background: color-mix(in srgb, var(--accent) 88%, var(--ink)); }
button.plain { padding: .4em .7em; border-color: transparent; }
button[aria-disabled=true] { opacity: .6; cursor: default; }
.icon { flex: none; width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.icon.blur { fill: currentColor; stroke: none; }

.files { display: flex; flex-direction: column; gap: .6em; }
.files .actions { justify-content: flex-start; }
ul { display: flex; flex-direction: column; gap: .5em; list-style: none; }
ul:empty { display: none; }
li { display: flex; align-items: center; gap: .75em; min-width: 0; padding: .4em; border: 1px solid var(--line); border-radius: .5em; }
.thumb { flex: none; width: 4.5em; height: 3em; border: 1px solid var(--line); border-radius: .3em; background: var(--raised); color: var(--soft); object-fit: cover; object-position: top; }
span.thumb { display: grid; place-items: center; }
.what { flex: 1; min-width: 0; line-height: 1.35; }
.name { display: block; overflow: hidden; font-weight: 600; text-overflow: ellipsis; white-space: nowrap; }
dialog.over::after { content: ""; position: absolute; inset: .4em; border: 3px dashed var(--accent); border-radius: .5em; pointer-events: none; }

.consent { color: var(--soft); font-size: .9em; white-space: pre-line; }
.alert { padding: .6em .8em; border: 1px solid var(--danger); border-inline-start-width: .3em; border-radius: .4em; color: var(--danger); font-weight: 600; }
.status { display: flex; flex-direction: column; gap: .4em; font-weight: 600; }
progress { width: 100%; height: .6em; accent-color: var(--accent); }
.sent { align-items: center; justify-content: center; padding-block: 2.5em; text-align: center; }
.sent .icon { width: 3em; height: 3em; color: var(--good); }

.toolbar { display: flex; flex-wrap: wrap; gap: .75em; align-items: center; justify-content: space-between; }
.tools { display: flex; flex-wrap: wrap; border: 1px solid var(--edge); border-radius: .4em; overflow: clip; }
.tool { position: relative; display: flex; align-items: center; gap: .4em; min-width: var(--target); min-height: var(--target); padding: .3em .9em; cursor: pointer; }
.tool + .tool { border-inline-start: 1px solid var(--line); }
.tool input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.tool:has(:checked) { background: var(--accent); color: var(--on-accent); }
.tool:has(:focus-visible) { outline: 3px solid var(--ink); outline-offset: -4px; border-radius: .4em; }
.toolbar input[type=text] { flex: 1 1 12em; width: auto; }
::placeholder { color: var(--soft); opacity: 1; }
.stage { display: flex; flex: 1 1 0; justify-content: center; align-items: center; min-height: 12em; }
.stage canvas { display: block; max-width: 100%; max-height: 100%; border: 1px solid var(--line); border-radius: .3em; touch-action: none; cursor: crosshair; }

@media (max-width: 40em) {
  dialog, dialog.wide { width: 100vw; height: 100dvh; max-height: none; border: 0; border-radius: 0; }
  .view, .body { flex: 1 1 auto; }
  .body { padding: 1em; }
  header { padding-inline-start: 1em; }
  footer { padding: .75em 1em; }
  footer .actions > * { flex: 1 1 auto; padding-inline: .8em; }
  dialog.wide { height: 100dvh; }
  .tools { flex: 1 1 100%; }
  .tool { flex: 1 1 auto; justify-content: center; padding-inline: .5em; }
  .files .actions > * { flex: 1 1 auto; }
}
@media (max-width: 30em) {
  .pair { grid-template-columns: minmax(0, 1fr); }
  .wordy { display: none; }
  .tool { flex-direction: column; gap: 0; padding-inline: .3em; font-size: .85em; }
  .toolbar input[type=text] { flex-basis: 8em; }
}
@media (max-height: 30em) {
  dialog { overflow-y: auto; }
  .view, .body, .wide .view, .wide .body { flex: none; overflow: visible; }
  .stage { flex: none; height: 16em; }
}
@media not ((hover: hover) and (pointer: fine)) { .keys { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
@media (forced-colors: active) { .tool:has(:checked) { outline: 3px solid Highlight; outline-offset: -4px; } }
@media (prefers-reduced-motion: no-preference) {
  dialog[open]:not(.away) { animation: appear .14s ease-out; }
  @keyframes appear { from { opacity: 0; } }
}
`;

/** Gives the root its style in a way that a strict policy allows: constructed, else an element with the page's nonce. */
export function applyStyle(root: ShadowRoot, nonce: string | undefined): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement('style');
    if (nonce) element.nonce = nonce;
    element.textContent = CSS;
    root.append(element);
  }
}
