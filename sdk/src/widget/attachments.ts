/** The pictures and files of a report: adding, showing, drawing on and removing them. They are sent by `gather`. */
import { bounded, encoded } from './capture/index.ts';
import { h, icon } from './dom.ts';
import { Marks } from './drawing/marks.ts';
import { flattened } from './drawing/paint.ts';
import { fileName, FILES_MAX, isPicture, refusal } from './files.ts';
import type { WidgetAttachment } from './host.ts';
import { type Language, sizeText } from './texts/index.ts';

/** Pixels of a thumbnail's longer side. */
const THUMB_PX = 216;

/** What was captured has a picture and no data; a file has data, and a picture once it is drawn on. */
export interface Item {
  name: string;
  type: string;
  isScreenshot: boolean;
  data?: Blob;
  picture?: HTMLCanvasElement;
  marks: Marks;
}

export interface Gathered {
  attachments: WidgetAttachment[];
  screenshot?: Blob;
}

export interface AttachmentEvents {
  announce(text: string): void;
  /** Told with the refusals of the last files, or with an empty text. */
  refused(text: string): void;
  draw(item: Item & { picture: HTMLCanvasElement }): void;
}

export class Attachments {
  readonly list = h('ul');
  /** Another number after each change. */
  version = 0;
  private items: Item[] = [];

  constructor(private readonly language: Language, private readonly bytesMax: number, private readonly events: AttachmentEvents) {}

  clear(): void {
    this.items = [];
    this.render();
  }

  addScreenshot(picture: HTMLCanvasElement): void {
    const { t } = this.language;
    if (this.items.length >= FILES_MAX) return this.events.refused(t('fileTooMany', { name: t('screenshot'), count: FILES_MAX }));
    const earlier = this.items.filter(({ isScreenshot }) => isScreenshot).length;
    const name = earlier === 0 ? t('screenshot') : `${t('screenshot')} ${earlier + 1}`;
    this.items.push({ name, type: 'image/png', isScreenshot: true, picture, marks: new Marks() });
    this.render();
  }

  /** What the page's own code gives the form to start with. */
  prefill(attachments: readonly WidgetAttachment[], screenshot: Blob | undefined): void {
    if (screenshot) this.addFiles([new File([screenshot], this.language.t('screenshot'), { type: screenshot.type })], true);
    if (attachments.length > 0) this.addFiles(attachments.map(({ name, type, data }) => new File([data], name, { type })));
  }

  /** Adds files, or says why not. */
  addFiles(files: Iterable<Blob & { name?: string }>, isScreenshot = false): void {
    const { t, tag } = this.language;
    const told: string[] = [];
    const refusals: string[] = [];
    for (const data of files) {
      const name = fileName(data.name, data.type, this.items.length + 1);
      const reason = refusal(data.size, this.items.length, this.bytes(), this.bytesMax);
      if (reason) {
        refusals.push(t(reason, { name, count: FILES_MAX, size: sizeText(this.bytesMax, tag) }));
        continue;
      }
      this.items.push({ name, type: data.type || 'application/octet-stream', isScreenshot, data, marks: new Marks() });
      told.push(t('fileAdded', { name }));
    }
    this.render();
    this.events.announce(told.join(' '));
    this.events.refused(refusals.slice(0, FILES_MAX).join('\n'));
  }

  /** Shows an item anew after it was drawn on. */
  refresh(): void {
    this.render();
  }

  /** Puts the focus on the button that draws on the item. */
  focusDraw(item: Item): void {
    this.list.children[this.items.indexOf(item)]?.querySelector('button')?.focus();
  }

  /** What is sent. Rejects with the name of a picture that can't be made small enough. */
  async gather(): Promise<Gathered> {
    let room = this.bytesMax - this.bytes();
    const gathered: Gathered = { attachments: [] };
    for (const item of this.items) {
      const { picture, data, marks, name } = item;
      const isAsGiven = data && marks.list.length === 0;
      const blob = isAsGiven ? data : picture && (await encoded(flattened(picture, marks.list), room + (data?.size ?? 0)));
      if (!blob) throw new TooLarge(name);
      room -= blob.size - (data?.size ?? 0);
      if (item.isScreenshot && !gathered.screenshot) gathered.screenshot = blob;
      else if (isAsGiven) gathered.attachments.push({ name, type: item.type, data });
      else gathered.attachments.push({ name: `${name.replace(/\.\w+$/, '')}.${blob.type.slice(6)}`, type: blob.type, data: blob });
    }
    return gathered;
  }

  private bytes(): number {
    return this.items.reduce((sum, { data }) => sum + (data?.size ?? 0), 0);
  }

  private render(): void {
    this.version += 1;
    this.list.replaceChildren(...this.items.map((item) => this.row(item)));
  }

  private row(item: Item): HTMLElement {
    const { t, tag } = this.language;
    const { name, data, picture } = item;
    const buttons: HTMLElement[] = [];
    if (!data || isPicture(item.type)) {
      buttons.push(h('button', { type: 'button', class: 'plain', 'aria-label': t('drawOn', { name }), onclick: () => void this.draw(item) },
        icon('pen'), h('span', { class: 'wordy' }, t('draw'))));
    }
    buttons.push(h('button', { type: 'button', class: 'plain', 'aria-label': t('removeNamed', { name }), onclick: () => this.remove(item) },
      icon('trash'), h('span', { class: 'wordy' }, t('remove'))));
    const detail = data ? sizeText(data.size, tag) : picture ? h('bdi', { dir: 'ltr' }, `${picture.width} × ${picture.height}`) : '';
    return h('li', {}, thumbnail(item),
      h('span', { class: 'what' }, h('span', { class: 'name', title: name }, h('bdi', {}, name)), h('span', { class: 'hint' }, detail)), ...buttons);
  }

  private async draw(item: Item): Promise<void> {
    try {
      item.picture ??= bounded(await createImageBitmap(item.data as Blob));
    } catch {
      // Not a picture after all: it goes as the file that it is.
      item.type = 'application/octet-stream';
      this.render();
      return;
    }
    this.events.draw(item as Item & { picture: HTMLCanvasElement });
  }

  private remove(item: Item): void {
    const position = this.items.indexOf(item);
    this.items = this.items.filter((other) => other !== item);
    this.render();
    this.events.refused('');
    this.events.announce(this.language.t('fileRemoved', { name: item.name }));
    // The focus goes to the neighbour's last button, or stays in the section.
    const neighbour = this.list.children[Math.min(position, this.items.length - 1)] ?? this.list.parentElement;
    neighbour?.querySelector<HTMLElement>('button:last-of-type')?.focus();
  }
}

export class TooLarge extends Error {
  constructor(readonly item: string) {
    super('a picture is too large');
  }
}

/** Painted, never a `blob:` image: a page's policy may forbid those. */
function thumbnail({ picture, marks, data, type }: Item): HTMLElement {
  if (!picture && !isPicture(type)) return h('span', { class: 'thumb' }, icon('file'));
  const canvas = h('canvas', { class: 'thumb', 'aria-hidden': 'true' });
  const show = (source: HTMLCanvasElement | ImageBitmap): void => {
    const factor = Math.min(1, THUMB_PX / Math.max(source.width, source.height, 1));
    canvas.width = Math.max(1, Math.round(source.width * factor));
    canvas.height = Math.max(1, Math.round(source.height * factor));
    canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  };
  if (picture) show(flattened(picture, marks.list));
  else if (data) createImageBitmap(data).then(show, () => undefined);
  return canvas;
}
