/** Builds elements without markup in strings: nothing here needs `innerHTML`, a style attribute or a trusted type. */

type Listener = (event: never) => void;
type Attribute = string | number | boolean | Listener | undefined;

/** An element with its attributes (`onclick` and the like are listeners; false and undefined are left out). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Attribute> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  close: 'M6 6l12 12M18 6L6 18',
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  clip: 'M19 11.5l-7 7a4.6 4.6 0 0 1-6.5-6.5l7.5-7.5a3 3 0 0 1 4.3 4.3l-7.4 7.4a1.4 1.4 0 0 1-2-2l6.6-6.6',
  pen: 'M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5',
  box: 'M4.5 6h15v12h-15z',
  arrow: 'M5 19L19 5M10.5 5H19v8.5',
  blur: 'M4 4h5.4v5.4H4zM14.6 4H20v5.4h-5.4zM9.4 9.4h5.2v5.2H9.4zM4 14.6h5.4V20H4zM14.6 14.6H20V20h-5.4z',
  text: 'M5 6V5h14v1M12 5v14M9.5 19h5',
  undo: 'M8.5 5L4.5 9l4 4M5 9h9a5 5 0 0 1 0 10h-4',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  file: 'M7 3.5h7l4 4V20.5H7zM13.5 3.5V8H18',
};
export type Icon = keyof typeof ICONS;

/** A drawing of 20 px that says nothing by itself: the control around it has the name. */
export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', class: `icon ${name}`, 'aria-hidden': 'true' })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** What can have the focus inside `root` by the Tab key, in its order. One of several radio buttons stands for all. */
export function tabStops(root: ParentNode): HTMLElement[] {
  const all = root.querySelectorAll<HTMLElement>('button, input, select, textarea, [tabindex="0"]');
  return [...all].filter((element) => {
    if (element.matches(':disabled, [tabindex="-1"], input[type=file]') || element.closest('[inert]') || element.getClientRects().length === 0) return false;
    const { type, checked } = element as HTMLInputElement;
    return type !== 'radio' || checked;
  });
}
