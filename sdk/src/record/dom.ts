/**
 * The page itself, by rrweb. In: options. Out: rrweb's events. Here is what must never leave the page: masked texts, and
 * what is typed in the report widget, which rrweb reports with the id -1.
 */
import { record } from '@rrweb/record';
import type { Mask } from '../privacy/mask.ts';
import type { RecordedEvent } from '../types.ts';
import { quietly } from '../util.ts';

const INCREMENTAL = 3;
const MUTATION = 0;
const INPUT = 5;
const MASKED_ATTRIBUTES = ['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'label'];

export interface DomHost {
  mask: Mask;
  checkoutMs: number;
  emit(event: RecordedEvent, isCheckout: boolean): void;
}

export function startDom({ mask, checkoutMs, emit }: DomHost): () => void {
  const ignore = mask.ignore.split(',').flatMap((one) => [one, `${one} *`]).join(',');
  const stop = record({
    emit: (event: RecordedEvent, isCheckout?: boolean) => {
      if (isUnknownInput(event)) return;
      if (mask.masksAttributes) quietly(() => hideAttributes(event, mask));
      emit(event, !!isCheckout);
    },
    recordAfter: 'DOMContentLoaded',
    checkoutEveryNms: checkoutMs,
    blockSelector: mask.block, ignoreSelector: ignore,
    maskTextSelector: mask.text, maskTextFn: mask.maskText,
    // Every field is asked about; the function decides.
    maskInputOptions: { input: true, textarea: true, select: true } as object,
    maskInputFn: mask.maskInput,
    slimDOMOptions: {},
    inlineStylesheet: true,
    userTriggeredOnInput: true,
    sampling: { mousemove: 100, scroll: 150, input: 'all' },
    // rrweb's own failures are not the page's.
    errorHandler: () => true,
  } as any);
  return () => quietly(() => stop?.());
}

export const nodeId = (node: Node | null): number => (node && quietly(() => (record as any).mirror.getId(node))) ?? -1;
export const takeFullSnapshot = () => quietly(() => (record as any).takeFullSnapshot(true));

/** Typing inside of a blocked tree: the widget's, or what the page wants to keep. */
const isUnknownInput = ({ type, data }: RecordedEvent) => type === INCREMENTAL && data.source === INPUT && !(data.id > 0);

/** With all texts masked, the attributes that are read out are masked as well; rrweb leaves them. */
function hideAttributes({ type, data }: RecordedEvent, mask: Mask) {
  const hide = (attributes: Record<string, unknown> | undefined) => {
    for (const name of MASKED_ATTRIBUTES) if (typeof attributes?.[name] === 'string') attributes[name] = mask.stars(attributes[name]);
  };
  const walk = (top: any) => {
    for (const list = [top]; list.length;) {
      const node = list.pop();
      hide(node.attributes);
      if (node.childNodes) list.push(...node.childNodes);
    }
  };
  if (type === 2) walk(data.node);
  else if (type === INCREMENTAL && data.source === MUTATION) {
    for (const added of data.adds) walk(added.node);
    for (const changed of data.attributes) hide(changed.attributes);
  }
}
