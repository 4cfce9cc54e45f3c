/** The view in which a picture is drawn on, by pointer or by keyboard. It changes marks; the picture stays as it was. */
import { h, icon } from '../dom.ts';
import type { Language } from '../texts/index.ts';
import type { TextKey } from '../texts/en.ts';
import { dragged, MARK_TEXT_CHARS_MAX, type Mark, markAt, Marks, moved, resized, type Tool, TOOLS, upright } from './marks.ts';
import { labelSize, paint } from './paint.ts';

const NAMES: Record<Tool, TextKey> = { box: 'toolBox', arrow: 'toolArrow', blur: 'toolBlur', text: 'toolText' };
const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** One press of an arrow key, as a part of the picture's longer side. */
const KEY_STEP = 0.01;

interface Point {
  x: number;
  y: number;
}

interface Drag {
  from: Point;
  last: Point;
  /** The mark that is moved or drawn; undefined until the pointer has moved far enough. */
  position: number | undefined;
  moves: boolean;
}

export interface EditorEvents {
  announce(text: string): void;
  done(): void;
}

export class Editor {
  readonly view: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly text: HTMLInputElement;
  private picture = document.createElement('canvas');
  private marks = new Marks();
  private tool: Tool = 'box';
  private selected = -1;
  private drag: Drag | undefined;

  constructor(private readonly language: Language, private readonly events: EditorEvents) {
    const { t } = language;
    this.canvas = h('canvas', {
      tabindex: 0, role: 'application', 'aria-label': t('drawSurface'), 'aria-describedby': 'draw-hint draw-keys',
      onpointerdown: (event: PointerEvent) => this.press(event),
      onpointermove: (event: PointerEvent) => this.move(event),
      onpointerup: (event: PointerEvent) => this.release(event),
      onpointercancel: () => (this.drag = undefined),
      onkeydown: (event: KeyboardEvent) => this.key(event),
    });
    this.text = h('input', {
      type: 'text', hidden: true, dir: 'auto', 'aria-label': t('drawText'), placeholder: t('drawText'), maxlength: MARK_TEXT_CHARS_MAX, autocomplete: 'off',
      oninput: () => this.write(),
      onkeydown: (event: KeyboardEvent) => event.key === 'Enter' && this.canvas.focus(),
    });
    this.view = h('div', { class: 'view', hidden: true },
      h('div', { class: 'body' },
        h('div', { class: 'toolbar' },
          h('div', { class: 'tools', role: 'radiogroup', 'aria-label': t('tools') }, ...TOOLS.map((tool) => this.toolButton(tool))),
          this.text,
          h('button', { type: 'button', class: 'plain', 'aria-label': t('undo'), onclick: () => this.undo() }, icon('undo'), h('span', { class: 'wordy' }, t('undo')))),
        h('div', { class: 'stage' }, this.canvas),
        h('p', { class: 'hint' }, h('span', { id: 'draw-hint' }, t('drawHint')), ' ', h('span', { id: 'draw-keys', class: 'keys' }, t('drawKeys')))),
      h('footer', {}, h('div', { class: 'actions' }, h('button', { type: 'button', class: 'main', onclick: () => events.done() }, t('done')))));
  }

  /** Shows a picture with its marks, which change in place; `undo` takes back what is drawn from now on and before. */
  open(picture: HTMLCanvasElement, marks: Marks): void {
    this.picture = picture;
    this.marks = marks;
    this.selected = -1;
    this.canvas.width = picture.width;
    this.canvas.height = picture.height;
    this.paint();
    this.canvas.focus();
  }

  private toolButton(tool: Tool): HTMLElement {
    const input = h('input', { type: 'radio', name: 'tool', value: tool, checked: tool === this.tool, onchange: () => this.choose(tool) });
    return h('label', { class: 'tool' }, input, icon(tool), h('span', {}, this.language.t(NAMES[tool])));
  }

  private choose(tool: Tool): void {
    this.tool = tool;
    this.text.hidden = tool !== 'text';
    this.select(-1);
  }

  private paint(): void {
    paint(this.canvas, this.picture, this.marks.list, this.selected);
  }

  private select(position: number): void {
    this.selected = position;
    const mark = this.marks.list[position];
    this.text.value = mark?.tool === 'text' ? mark.text : '';
    this.paint();
  }

  private tell(position: number): void {
    const mark = this.marks.list[position];
    if (!mark) return;
    const { x, y, width, height } = upright(mark);
    const part = (value: number, whole: number): number => Math.round((value / Math.max(whole, 1)) * 100);
    const { t } = this.language;
    this.events.announce(t('markAt', {
      tool: t(NAMES[mark.tool]),
      x: part(x, this.picture.width), y: part(y, this.picture.height),
      width: part(width, this.picture.width), height: part(height, this.picture.height),
    }));
  }

  /** The place of the pointer in pixels of the picture. */
  private point({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const border = this.canvas.clientLeft;
    return {
      x: ((clientX - left - border) / Math.max(width - 2 * border, 1)) * this.picture.width,
      y: ((clientY - top - border) / Math.max(height - 2 * border, 1)) * this.picture.height,
    };
  }

  private hit({ x, y }: Point): number {
    const slack = Math.max(this.picture.width, this.picture.height) * 0.01;
    const hits = this.marks.list.map((mark) => {
      const area = upright(mark);
      return x >= area.x - slack && y >= area.y - slack && x <= area.x + area.width + slack && y <= area.y + area.height + slack;
    });
    return hits.lastIndexOf(true);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0 || this.drag) return;
    this.canvas.setPointerCapture(event.pointerId);
    const from = this.point(event);
    const moves = this.selected >= 0 && this.hit(from) === this.selected;
    this.drag = { from, last: from, position: undefined, moves };
  }

  private move(event: PointerEvent): void {
    const drag = this.drag;
    if (!drag) return;
    const to = this.point(event);
    if (drag.moves) this.moveBy(drag, to);
    else if (this.tool !== 'text') this.drawTo(drag, to);
    this.paint();
  }

  private moveBy(drag: Drag, to: Point): void {
    const mark = this.marks.list[this.selected];
    if (!mark) return;
    this.marks.replace(this.selected, moved(mark, to.x - drag.last.x, to.y - drag.last.y, this.picture), drag.position !== undefined);
    drag.position = this.selected;
    drag.last = to;
  }

  private drawTo(drag: Drag, to: Point): void {
    const mark = dragged(this.tool, drag.from, to, this.picture);
    if (!mark) return;
    if (drag.position === undefined) drag.position = this.marks.add(mark);
    else this.marks.replace(drag.position, mark, true);
    this.selected = drag.position ?? -1;
  }

  private release(event: PointerEvent): void {
    const drag = this.drag;
    this.drag = undefined;
    if (!drag) return;
    if (drag.position !== undefined) return this.tell(drag.position);
    const hit = this.hit(drag.from);
    if (this.tool === 'text' && hit < 0) this.placeText(this.point(event));
    else this.select(hit);
    if (this.marks.list[this.selected]?.tool === 'text' && this.tool === 'text') this.text.focus();
  }

  private placeText(at: Point): void {
    const text = this.marks.list[this.selected]?.tool === 'text' ? '' : this.text.value;
    this.add(this.sized({ ...markAt('text', at.x, at.y, this.picture), text, ...at }));
  }

  private add(mark: Mark): void {
    this.select(this.marks.add(mark) ?? -1);
    this.tell(this.selected);
  }

  private sized(mark: Mark): Mark {
    return moved({ ...mark, ...labelSize(this.canvas, mark.text) }, 0, 0, this.picture);
  }

  /** What is typed goes into the chosen text mark; without one it waits for the place that is pointed at. */
  private write(): void {
    const mark = this.marks.list[this.selected];
    if (mark?.tool !== 'text') return;
    this.marks.replace(this.selected, this.sized({ ...mark, text: this.text.value }), true);
    this.paint();
  }

  private key(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    const mark = this.marks.list[this.selected];
    if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) this.undo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === 'Enter' || event.key === ' ') this.addByKey();
    else if (arrow && mark) this.shift(mark, arrow, event.shiftKey);
    else if ((event.key === 'Delete' || event.key === 'Backspace') && mark) this.remove(mark);
    else return;
    event.preventDefault();
  }

  private addByKey(): void {
    const { width, height } = this.picture;
    const middle = { x: width / 2, y: height / 2 };
    if (this.tool !== 'text') return this.add(markAt(this.tool, middle.x, middle.y, this.picture));
    this.placeText(middle);
    this.text.focus();
  }

  private shift(mark: Mark, [dx, dy]: readonly [number, number], resizes: boolean): void {
    const step = Math.max(this.picture.width, this.picture.height) * KEY_STEP;
    const change = resizes && mark.tool !== 'text' ? resized : moved;
    this.marks.replace(this.selected, change(mark, dx * step, dy * step, this.picture));
    this.paint();
    this.tell(this.selected);
  }

  private remove(mark: Mark): void {
    this.marks.remove(this.selected);
    this.select(-1);
    this.events.announce(this.language.t('markRemoved', { tool: this.language.t(NAMES[mark.tool]) }));
  }

  private undo(): void {
    if (this.marks.undo()) this.events.announce(this.language.t('undone'));
    this.select(-1);
  }
}
