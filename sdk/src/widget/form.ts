/** The view with the report's fields. What is typed lives in its elements, so it outlasts closing, failing and retrying. */
import { h, icon } from './dom.ts';
import { FILES_MAX, isEmail } from './files.ts';
import type { Severity, WidgetHost, WidgetPrefill } from './host.ts';
import { type Language, sizeText } from './texts/index.ts';
import type { TextKey } from './texts/en.ts';

const TITLE_CHARS_MAX = 300;
const DESCRIPTION_CHARS_MAX = 20_000;
const SEVERITIES: readonly (readonly [Severity, TextKey])[] = [
  ['low', 'severityLow'], ['medium', 'severityMedium'], ['high', 'severityHigh'], ['critical', 'severityCritical'],
];

export interface FormValues {
  title: string;
  description: string;
  severity?: Severity;
  email?: string;
}

export interface FormEvents {
  submit(): void;
  cancel(): void;
  capture(): void;
  addFiles(files: Iterable<File>): void;
}

export class Form {
  readonly view: HTMLFormElement;
  readonly captureButton: HTMLButtonElement;
  private readonly title: HTMLInputElement;
  private readonly description: HTMLTextAreaElement;
  private readonly severity: HTMLSelectElement;
  private readonly email: HTMLInputElement;
  private readonly body: HTMLElement;
  private readonly alert = h('p', { class: 'alert', role: 'alert' });
  private readonly fileAlert = h('p', { class: 'error', role: 'alert' });
  private readonly bar = h('progress', { max: 1, value: 0, 'aria-labelledby': 'sending' });
  private readonly status: HTMLElement;
  private readonly send: HTMLButtonElement;
  private readonly actions: HTMLElement;

  constructor(private readonly language: Language, host: WidgetHost, fileList: HTMLElement, events: FormEvents) {
    const { t, tag } = language;
    this.title = h('input', { type: 'text', id: 'title', required: true, maxlength: TITLE_CHARS_MAX, dir: 'auto', autocomplete: 'off', 'aria-describedby': 'title-error' });
    this.description = h('textarea', { id: 'description', rows: 4, maxlength: DESCRIPTION_CHARS_MAX, dir: 'auto' });
    this.severity = h('select', { id: 'severity' }, h('option', { value: '' }, t('severityNone')), ...SEVERITIES.map(([value, key]) => h('option', { value }, t(key))));
    this.email = h('input', { type: 'email', id: 'email', maxlength: 254, autocomplete: 'email', dir: 'ltr', 'aria-describedby': 'email-error' });
    this.captureButton = h('button', { type: 'button', hidden: host.screenshot === false, onclick: () => events.capture() }, icon('camera'), t('capture'));
    const picker = h('input', {
      type: 'file', multiple: true, hidden: true, 'aria-label': t('addFiles'),
      onchange: () => {
        events.addFiles([...(picker.files ?? [])]);
        picker.value = '';
      },
    });
    const addButton = h('button', { type: 'button', onclick: () => picker.click() }, icon('clip'), t('addFiles'));
    const filesHint = t('filesHint', { count: FILES_MAX, size: sizeText(host.attachmentBytesMax, tag) });
    this.body = h('div', { class: 'body' },
      this.field('title', 'titleLabel', this.title, 'none'),
      this.field('description', 'descriptionLabel', this.description, 'optional'),
      h('div', { class: 'pair' }, this.field('severity', 'severityLabel', this.severity, 'none'), this.field('email', 'emailLabel', this.email, 'optional')),
      h('div', { class: 'files', role: 'group', 'aria-labelledby': 'files-label', 'aria-describedby': 'files-hint' },
        h('span', { class: 'label', id: 'files-label' }, t('filesLabel')), fileList,
        h('div', { class: 'actions' }, this.captureButton, addButton, picker),
        h('p', { class: 'hint', id: 'files-hint' }, filesHint), this.fileAlert));
    if (host.consentText) this.body.append(h('p', { class: 'consent', dir: 'auto' }, host.consentText));
    this.status = h('div', { class: 'status', tabindex: -1, hidden: true }, h('span', { id: 'sending' }, t('sending')), this.bar);
    this.send = h('button', { type: 'submit', class: 'main' }, t('send'));
    this.actions = h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => events.cancel() }, t('cancel')), this.send);
    this.view = h('form', {
      class: 'view', novalidate: true,
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        events.submit();
      },
      oninput: ({ target }: InputEvent) => target instanceof HTMLInputElement && this.mark(target, undefined),
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) events.submit();
      },
    }, this.body, h('footer', {}, this.alert, this.status, this.actions));
  }

  focus(): void {
    this.title.focus();
  }

  /** Fills in what is given; the user's address only where none is typed. */
  prefill({ title, description, severity, email }: WidgetPrefill, userEmail: string | undefined): void {
    if (title !== undefined) this.title.value = title.slice(0, TITLE_CHARS_MAX);
    if (description !== undefined) this.description.value = description.slice(0, DESCRIPTION_CHARS_MAX);
    if (severity !== undefined) this.severity.value = severity;
    if (email !== undefined) this.email.value = email;
    else this.email.value ||= userEmail ?? '';
  }

  values(): FormValues {
    const severity = SEVERITIES.find(([value]) => value === this.severity.value)?.[0];
    const email = this.email.value.trim();
    return {
      title: this.title.value.trim(), description: this.description.value.trim(),
      ...(severity && { severity }), ...(email && { email }),
    };
  }

  /** Shows what is wrong beside its field, puts the focus on the first, and tells whether all is right. */
  check(): boolean {
    const { title, email } = this.values();
    const wrong = [this.mark(this.title, title ? undefined : 'titleMissing'), this.mark(this.email, email && !isEmail(email) ? 'emailWrong' : undefined)];
    const first = wrong.find((field) => field !== undefined);
    first?.focus();
    return first === undefined;
  }

  /** While it is sent nothing can be changed; the focus waits on the progress. */
  sending(): void {
    this.alert.textContent = '';
    this.bar.value = 0;
    this.body.inert = true;
    this.actions.hidden = true;
    this.status.hidden = false;
    this.status.focus();
  }

  progress(fraction: number): void {
    this.bar.value = Math.min(Math.max(fraction, 0), 1);
  }

  /** Everything can be changed again. With a text, it is said and sending is offered as another try. */
  editable(failure?: TextKey): void {
    this.body.inert = false;
    this.actions.hidden = false;
    this.status.hidden = true;
    this.send.textContent = this.language.t(failure ? 'retry' : 'send');
    this.alert.textContent = failure ? this.language.t(failure) : '';
    if (failure) this.send.focus();
  }

  fileError(text: string): void {
    this.fileAlert.textContent = text;
    if (text) this.fileAlert.scrollIntoView({ block: 'nearest' });
  }

  reset(): void {
    this.view.reset();
    for (const field of [this.title, this.email]) this.mark(field, undefined);
    this.fileError('');
    this.editable();
  }

  private field(id: string, label: TextKey, control: HTMLElement, kind: 'optional' | 'none'): HTMLElement {
    const { t } = this.language;
    const name = h('label', { for: id }, t(label));
    if (kind === 'optional') name.append(' ', h('span', { class: 'optional' }, `(${t('optional')})`));
    return h('div', { class: 'field' }, name, control, h('span', { class: 'error', id: `${id}-error` }));
  }

  private mark(field: HTMLInputElement, error: TextKey | undefined): HTMLInputElement | undefined {
    const text = field.nextElementSibling;
    if (text?.className === 'error') text.textContent = error ? this.language.t(error) : '';
    if (!error) return void field.removeAttribute('aria-invalid');
    field.setAttribute('aria-invalid', 'true');
    return field;
  }
}
