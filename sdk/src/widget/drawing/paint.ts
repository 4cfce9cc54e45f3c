/**
 * Paints marks into a canvas of the picture. A blurred place is filled before anything is read: its pattern is made of
 * the colour around it and of its position, so nothing of what was there can be had back from the result.
 */
import { type Mark, type Size, upright } from './marks.ts';

const RED = '#d0021b';
const WHITE = '#ffffff';

/** The width of one stroke, in pixels of a picture of this size. */
function unit(canvas: HTMLCanvasElement): number {
  return Math.max(1, Math.max(canvas.width, canvas.height) / 1000);
}

/** Draws the picture with its marks; `selected` is the position of the mark that gets a dashed frame. */
export function paint(canvas: HTMLCanvasElement, picture: HTMLCanvasElement, marks: readonly Mark[], selected = -1): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  paintBlurs(context, marks.filter(({ tool }) => tool === 'blur').map(outward));
  for (const mark of marks) {
    if (mark.tool === 'box') paintBox(context, mark);
    else if (mark.tool === 'arrow') paintArrow(context, mark);
    else if (mark.tool === 'text') paintText(context, mark);
  }
  const chosen = marks[selected];
  if (chosen) paintSelection(context, chosen);
}

/** A canvas of its own that holds the picture with its marks, and nothing of what they cover. */
export function flattened(picture: HTMLCanvasElement, marks: readonly Mark[]): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  paint(canvas, picture, marks);
  return canvas;
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whole pixels, so that no half-covered row keeps a trace. */
function outward(mark: Mark): Area {
  const { x, y, width, height } = upright(mark);
  const left = Math.floor(x);
  const top = Math.floor(y);
  return { x: left, y: top, width: Math.ceil(x + width) - left, height: Math.ceil(y + height) - top };
}

function paintBlurs(context: CanvasRenderingContext2D, areas: Area[]): void {
  context.fillStyle = '#808080';
  // All are emptied first: the colour around one must not come from inside another.
  for (const { x, y, width, height } of areas) context.fillRect(x, y, width, height);
  const colours = areas.map((area) => colourAround(context, area));
  const cell = Math.round(12 * unit(context.canvas));
  areas.forEach((area, index) => paintMosaic(context, area, cell, colours[index] ?? [128, 128, 128]));
}

type Colour = readonly [number, number, number];

/** The mean colour of the row or column of pixels beside each edge. */
function colourAround(context: CanvasRenderingContext2D, { x, y, width, height }: Area): Colour {
  const { canvas } = context;
  const strips: Area[] = [
    { x, y: y - 1, width, height: 1 },
    { x, y: y + height, width, height: 1 },
    { x: x - 1, y, width: 1, height },
    { x: x + width, y, width: 1, height },
  ];
  const sum = [0, 0, 0];
  let count = 0;
  for (const strip of strips) {
    if (strip.width < 1 || strip.height < 1 || strip.x < 0 || strip.y < 0) continue;
    if (strip.x + strip.width > canvas.width || strip.y + strip.height > canvas.height) continue;
    const { data } = context.getImageData(strip.x, strip.y, strip.width, strip.height);
    for (let index = 0; index + 3 < data.length; index += 4, count += 1) {
      for (const part of [0, 1, 2]) sum[part] = (sum[part] ?? 0) + (data[index + part] ?? 0);
    }
  }
  const mean = (part: number): number => (count === 0 ? 128 : Math.round((sum[part] ?? 0) / count));
  return [mean(0), mean(1), mean(2)];
}

function paintMosaic(context: CanvasRenderingContext2D, area: Area, cell: number, colour: Colour): void {
  // Away from the nearer end of the scale, so that the pattern is seen on white and on black.
  const base = colour.map((part) => Math.min(Math.max(part, 44), 211));
  for (let row = 0; row * cell < area.height; row += 1) {
    for (let column = 0; column * cell < area.width; column += 1) {
      const shade = ((row * 7 + column * 13 + ((row * column) % 5) * 3) % 9) * 10 - 40;
      context.fillStyle = `rgb(${base.map((part) => part + shade).join(' ')})`;
      const x = area.x + column * cell;
      const y = area.y + row * cell;
      context.fillRect(x, y, Math.min(cell, area.x + area.width - x), Math.min(cell, area.y + area.height - y));
    }
  }
}

/** Strokes a path twice, white below red, so that it is seen on any colour. */
function stroke(context: CanvasRenderingContext2D, path: Path2D): void {
  const width = 4 * unit(context.canvas);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.strokeStyle = WHITE;
  context.lineWidth = width * 2;
  context.stroke(path);
  context.strokeStyle = RED;
  context.lineWidth = width;
  context.stroke(path);
}

function paintBox(context: CanvasRenderingContext2D, mark: Mark): void {
  const { x, y, width, height } = upright(mark);
  const path = new Path2D();
  path.rect(x, y, width, height);
  stroke(context, path);
}

function paintArrow(context: CanvasRenderingContext2D, { x, y, width, height }: Mark): void {
  const length = Math.hypot(width, height);
  const head = Math.min(22 * unit(context.canvas), Math.max(length / 2, 1));
  const angle = Math.atan2(height, width);
  const path = new Path2D();
  path.moveTo(x, y);
  path.lineTo(x + width, y + height);
  for (const side of [-0.5, 0.5]) {
    path.moveTo(x + width, y + height);
    path.lineTo(x + width - head * Math.cos(angle + side), y + height - head * Math.sin(angle + side));
  }
  stroke(context, path);
}

/** The size of a text mark's label with the text in it. */
export function labelSize(canvas: HTMLCanvasElement, text: string): Size {
  const context = canvas.getContext('2d');
  const { size, pad } = labelFont(canvas);
  if (context) context.font = `600 ${size}px system-ui, sans-serif`;
  return { width: Math.ceil(context?.measureText(text).width ?? 0) + 2 * pad, height: size + 2 * pad };
}

function labelFont(canvas: HTMLCanvasElement): { size: number; pad: number } {
  const size = Math.round(22 * unit(canvas));
  return { size, pad: Math.round(size * 0.4) };
}

function paintText(context: CanvasRenderingContext2D, { x, y, text }: Mark): void {
  if (!text) return;
  const { pad } = labelFont(context.canvas);
  const { width, height } = labelSize(context.canvas, text);
  // The label stays on the picture as long as it fits; the mark's corner is where it was put.
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  const top = Math.max(0, Math.min(y, context.canvas.height - height));
  const rim = pad / 4;
  context.fillStyle = WHITE;
  context.fillRect(left - rim, top - rim, width + 2 * rim, height + 2 * rim);
  context.fillStyle = RED;
  context.fillRect(left, top, width, height);
  context.fillStyle = WHITE;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, left + pad, top + height / 2);
}

function paintSelection(context: CanvasRenderingContext2D, mark: Mark): void {
  const gap = 8 * unit(context.canvas);
  const { x, y, width, height } = upright(mark);
  const line = 2 * unit(context.canvas);
  context.lineWidth = line;
  for (const [colour, offset] of [[WHITE, 0], ['#0b57d0', 5]] as const) {
    context.strokeStyle = colour;
    context.setLineDash([5 * line, 5 * line]);
    context.lineDashOffset = offset * line;
    context.strokeRect(x - gap, y - gap, width + 2 * gap, height + 2 * gap);
  }
  context.setLineDash([]);
}
