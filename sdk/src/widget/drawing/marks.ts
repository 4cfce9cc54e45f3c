/** The marks on a picture and what undo takes back. Pure: numbers and lists, no canvas. */

export type Tool = 'box' | 'arrow' | 'blur' | 'text';
export const TOOLS: readonly Tool[] = ['box', 'arrow', 'blur', 'text'];

/** One mark, in pixels of the picture. An arrow points to (x + width, y + height); its extent may be negative. */
export interface Mark {
  tool: Tool;
  x: number;
  y: number;
  width: number;
  height: number;
  text: string;
}

export interface Size {
  width: number;
  height: number;
}

const MARKS_MAX = 200;
const STEPS_MAX = 200;
export const MARK_TEXT_CHARS_MAX = 120;
/** The least extent of a mark that is dragged, as a part of the picture's longer side: less was a tap. */
const LEAST_PART = 0.008;

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** The mark with its own corner at the left and top. */
export function upright(mark: Mark): Mark {
  return {
    ...mark,
    x: Math.min(mark.x, mark.x + mark.width),
    y: Math.min(mark.y, mark.y + mark.height),
    width: Math.abs(mark.width),
    height: Math.abs(mark.height),
  };
}

/** A mark of ordinary size whose middle is at the given place, wholly on the picture. */
export function markAt(tool: Tool, x: number, y: number, picture: Size): Mark {
  const width = Math.round(picture.width * 0.2);
  const height = Math.round(Math.min(picture.height * 0.2, width * 0.6));
  return moved({ tool, x: x - width / 2, y: y - height / 2, width, height, text: '' }, 0, 0, picture);
}

/** The mark moved by so many pixels, held on the picture. */
export function moved(mark: Mark, dx: number, dy: number, picture: Size): Mark {
  const { x, y, width, height } = upright(mark);
  const left = clamp(x + dx, 0, Math.max(0, picture.width - width));
  const top = clamp(y + dy, 0, Math.max(0, picture.height - height));
  return { ...mark, x: mark.x + left - x, y: mark.y + top - y };
}

/** The mark with its far corner (an arrow's point) moved by so many pixels, held on the picture. */
export function resized(mark: Mark, dx: number, dy: number, picture: Size): Mark {
  return {
    ...mark,
    width: clamp(mark.x + mark.width + dx, 0, picture.width) - mark.x,
    height: clamp(mark.y + mark.height + dy, 0, picture.height) - mark.y,
  };
}

/** The mark between two corners of a drag; undefined when the pointer hardly moved. */
export function dragged(tool: Tool, from: { x: number; y: number }, to: { x: number; y: number }, picture: Size): Mark | undefined {
  const least = Math.max(picture.width, picture.height) * LEAST_PART;
  const start = { tool, x: clamp(from.x, 0, picture.width), y: clamp(from.y, 0, picture.height), width: 0, height: 0, text: '' };
  const mark = resized(start, to.x - start.x, to.y - start.y, picture);
  return Math.abs(mark.width) < least && Math.abs(mark.height) < least ? undefined : mark;
}

/** The marks of one picture with their history. */
export class Marks {
  private current: readonly Mark[] = [];
  private readonly past: (readonly Mark[])[] = [];

  get list(): readonly Mark[] {
    return this.current;
  }

  /** Adds a mark; gives its position, or undefined when the picture has as many as it may. */
  add(mark: Mark): number | undefined {
    if (this.current.length >= MARKS_MAX) return undefined;
    this.step([...this.current, mark]);
    return this.current.length - 1;
  }

  /** Puts another mark in the place of one. `joined` makes it part of the last step, as in one drag or one word. */
  replace(position: number, mark: Mark, joined = false): void {
    const next = this.current.map((old, index) => (index === position ? mark : old));
    if (joined) this.current = next;
    else this.step(next);
  }

  remove(position: number): void {
    this.step(this.current.filter((_, index) => index !== position));
  }

  /** Takes the last step back; false when there is none. */
  undo(): boolean {
    const last = this.past.pop();
    if (last) this.current = last;
    return last !== undefined;
  }

  private step(next: readonly Mark[]): void {
    this.past.push(this.current);
    if (this.past.length > STEPS_MAX) this.past.shift();
    this.current = next;
  }
}
