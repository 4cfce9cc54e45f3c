/** The dialog: its views, the way between them, and what a press of a button or key does. It sends through the host. */
import { Attachments, type Item, TooLarge } from './attachments.ts';
import { capture, CaptureFailed } from './capture/index.ts';
import { type IsMasked, maskedBoxes } from './capture/masks.ts';
import { h, icon, tabStops } from './dom.ts';
import { Editor } from './drawing/editor.ts';
import { Form } from './form.ts';
import type { SubmitError, WidgetHost, WidgetPrefill, WidgetReport } from './host.ts';
import type { TextKey } from './texts/en.ts';
import { type Language, sizeText } from './texts/index.ts';

type View = 'form' | 'drawing' | 'sent';

export class Panel {
  readonly dialog: HTMLDialogElement;
  private readonly heading = h('h2', { id: 'heading' });
  private readonly live = h('div', { class: 'unseen', role: 'status' });
  private readonly sent: HTMLElement;
  private readonly sentText = h('p', {});
  private readonly sentHeading: HTMLElement;
  private readonly form: Form;
  private readonly files: Attachments;
  private readonly editor: Editor;
  private view: View = 'form';
  private drawnOn: Item | undefined;
  private last: { state: string; report: WidgetReport } | undefined;
  private isSending = false;
  private isCapturing = false;

  /** `own` is the element in the document that holds the widget. */
  constructor(private readonly host: WidgetHost, private readonly own: HTMLElement, private readonly language: Language) {
    const { t, tag, direction } = language;
    const announce = (text: string): void => this.announce(text);
    this.files = new Attachments(language, host.attachmentBytesMax, {
      announce,
      refused: (text) => this.form.fileError(text),
      draw: (item) => this.openDrawing(item),
    });
    this.form = new Form(language, host, this.files.list, {
      submit: () => void this.submit(),
      cancel: () => this.dialog.close(),
      capture: () => void this.capture(),
      addFiles: (files) => this.files.addFiles(files),
    });
    this.editor = new Editor(language, { announce, done: () => this.closeDrawing() });
    this.sentHeading = h('h2', { tabindex: -1 }, t('sentTitle'));
    this.sent = h('div', { class: 'view', hidden: true },
      h('div', { class: 'body sent' }, icon('done'), this.sentHeading, this.sentText),
      h('footer', {}, h('div', { class: 'actions' },
        h('button', { type: 'button', onclick: () => this.another() }, t('another')),
        h('button', { type: 'button', class: 'main', onclick: () => this.dialog.close() }, t('close')))));
    this.dialog = h('dialog', {
      lang: tag, dir: direction, 'aria-labelledby': 'heading',
      oncancel: (event: Event) => this.cancel(event),
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onpaste: (event: ClipboardEvent) => this.take(event, event.clipboardData),
      ondragover: (event: DragEvent) => this.dragOver(event),
      ondragleave: (event: DragEvent) => event.target === this.dialog && this.over(false),
      ondrop: (event: DragEvent) => this.drop(event),
    },
    h('header', {}, this.heading, h('button', { type: 'button', class: 'plain', 'aria-label': t('close'), onclick: () => this.leave() }, icon('close'))),
    this.form.view, this.editor.view, this.sent, this.live);
  }

  show(prefill: WidgetPrefill): void {
    if (!this.isSending) {
      this.form.prefill(prefill, this.host.user().email);
      this.files.prefill(prefill.attachments ?? [], prefill.screenshot);
    }
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.go(this.view);
  }

  /** To be called after the dialog was closed: a report that was sent is not shown again. */
  closed(): void {
    if (this.view === 'drawing') this.closeDrawing();
    if (this.view === 'sent') this.another();
  }

  private go(view: View): void {
    this.view = view;
    const { t } = this.language;
    this.heading.textContent = t(view === 'drawing' ? 'drawTitle' : 'title');
    this.form.view.hidden = view !== 'form';
    this.editor.view.hidden = view !== 'drawing';
    this.sent.hidden = view !== 'sent';
    this.dialog.classList.toggle('wide', view === 'drawing');
    if (view === 'form' && !this.isSending) this.form.focus();
    if (view === 'sent') this.sentHeading.focus();
  }

  private announce(text: string): void {
    this.live.textContent = text;
  }

  private openDrawing(item: Item & { picture: HTMLCanvasElement }): void {
    this.drawnOn = item;
    this.go('drawing');
    this.editor.open(item.picture, item.marks);
  }

  private closeDrawing(): void {
    this.go('form');
    this.files.refresh();
    if (this.drawnOn) this.files.focusDraw(this.drawnOn);
    this.drawnOn = undefined;
  }

  private another(): void {
    this.form.reset();
    this.files.clear();
    this.form.prefill({}, this.host.user().email);
    this.go('form');
  }

  /** One step back: from the drawing to the form, from there out. What was typed and drawn stays. */
  private leave(): void {
    if (this.view === 'drawing') this.closeDrawing();
    else this.dialog.close();
  }

  private cancel(event: Event): void {
    if (this.view !== 'drawing' && !this.isCapturing) return;
    event.preventDefault();
    if (this.view === 'drawing') this.closeDrawing();
  }

  private key(event: KeyboardEvent): void {
    // Chromium lets a second Escape close a dialog whatever `cancel` says, unless the key itself is taken.
    if (event.key === 'Escape' && this.view === 'drawing' && !event.isComposing) {
      event.preventDefault();
      this.closeDrawing();
    }
    if (event.key !== 'Tab') return;
    const stops = tabStops(this.dialog);
    const at = (this.dialog.getRootNode() as ShadowRoot).activeElement ?? this.dialog;
    const side = event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    if (stops.some((stop) => stop !== at && at.compareDocumentPosition(stop) & side)) return;
    event.preventDefault();
    stops.at(event.shiftKey ? -1 : 0)?.focus();
  }

  private take(event: Event, data: DataTransfer | null): void {
    if (this.view !== 'form' || this.isSending || !data || data.files.length === 0) return;
    event.preventDefault();
    this.files.addFiles([...data.files]);
  }

  private dragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over(this.view === 'form' && !this.isSending);
  }

  private drop(event: DragEvent): void {
    this.over(false);
    // Even where no file is taken, the browser must not open it in the page's place.
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    this.take(event, event.dataTransfer);
  }

  private over(isOver: boolean): void {
    this.dialog.classList.toggle('over', isOver);
  }

  private async capture(): Promise<void> {
    if (this.isCapturing) return;
    const { t } = this.language;
    this.isCapturing = true;
    this.form.captureButton.setAttribute('aria-disabled', 'true');
    this.form.fileError('');
    this.announce(t('capturing'));
    try {
      const { isMasked } = this.host;
      const picture = await capture({
        own: this.own,
        ...(isMasked && { isMasked: (element: Element) => isMasked.call(this.host, element) }),
        cover: (rule) => this.coverPage(rule),
      });
      this.files.addScreenshot(picture);
      this.announce(t('captured'));
    } catch (error) {
      this.form.fileError(t(error instanceof CaptureFailed ? error.reason : 'captureFailed'));
    } finally {
      this.isCapturing = false;
      this.form.captureButton.removeAttribute('aria-disabled');
    }
  }

  /** Takes the dialog off the screen and lays boxes over what is private, anew for each frame that is painted. */
  private async coverPage(isMasked: IsMasked): Promise<() => void> {
    const curtain = h('div', { class: 'curtain' });
    let frame = 0;
    const lay = (): void => {
      const boxes = maskedBoxes(document, isMasked, this.own).map(({ x, y, width, height }) => {
        const box = h('div');
        for (const [name, value] of Object.entries({ left: x, top: y, width, height })) box.style.setProperty(name, `${value}px`);
        return box;
      });
      curtain.replaceChildren(...boxes);
      // Too faint to be seen, but a change: without one a capture of a still page sends no new frame. By class, since a
      // recorder that sees a style attribute change may write one itself, which strict policies report.
      curtain.classList.toggle('pulse');
      frame = requestAnimationFrame(lay);
    };
    // The launcher is no part of the page either.
    const others = [...document.querySelectorAll<HTMLElement>('[data-playhead]')].filter((element) => element !== this.own);
    for (const other of others) other.hidden = true;
    const uncover = (): void => {
      cancelAnimationFrame(frame);
      for (const other of others) other.hidden = false;
      this.dialog.classList.remove('away');
      curtain.remove();
    };
    this.dialog.append(curtain);
    this.dialog.classList.add('away');
    try {
      lay();
      for (let painted = 0; painted < 2; painted += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    } catch (error) {
      uncover();
      throw error;
    }
    return uncover;
  }

  private async submit(): Promise<void> {
    if (this.isSending || this.isCapturing || !this.form.check()) return;
    this.isSending = true;
    this.form.sending();
    this.announce(this.language.t('sending'));
    try {
      const report = await this.report();
      const { number } = await this.host.submit(report, (fraction) => this.form.progress(fraction));
      this.isSending = false;
      this.last = undefined;
      this.form.editable();
      const text = number === undefined ? this.language.t('sentPlain') : this.language.t('sentNumber', { number });
      this.sentText.textContent = text;
      this.announce(text);
      this.go('sent');
    } catch (error) {
      this.isSending = false;
      this.fail(error);
    }
  }

  /** What failed and was not changed since is the same report, so that the host can see that it comes again. */
  private async report(): Promise<WidgetReport> {
    const values = this.form.values();
    const state = JSON.stringify([values, this.files.version]);
    if (this.last?.state !== state) this.last = { state, report: { ...values, ...(await this.files.gather()) } };
    return this.last.report;
  }

  private fail(error: unknown): void {
    const { t, tag } = this.language;
    if (error instanceof TooLarge) {
      this.form.editable();
      this.form.fileError(t('fileTooBig', { name: error.item, size: sizeText(this.host.attachmentBytesMax, tag) }));
      return;
    }
    const isRefused = (error as Partial<SubmitError> | undefined)?.retryable === false;
    const text: TextKey = isRefused ? 'failedRefused' : navigator.onLine === false ? 'failedOffline' : 'failed';
    this.form.editable(text);
  }
}
