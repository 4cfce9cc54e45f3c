/**
 * Pseudonyms of what is entered into masked fields, when the entry is done. In: change events. Out: `$playhead.value`.
 * Never here: secrets, which get no pseudonym.
 */
import type { Context } from './context.ts';

export function recordValues({ undo, mask, custom, id }: Context, pseudonym: (value: string) => Promise<string | undefined>) {
  undo.listen(window, 'change', (event: Event) => {
    const field = event.composedPath()[0] as HTMLInputElement;
    if (!/^(INPUT|TEXTAREA|SELECT)$/.test(field?.tagName) || /^(file|checkbox|radio)$/.test(field.type) || mask.isBlocked(event.target as Element) || mask.isSecret(field) || !mask.isMasked(field)) return;
    const { value } = field;
    const at = Date.now();
    if (value) void pseudonym(value.trim()).then((same) => { if (same) custom('$playhead.value', { id: id(field), same, chars: value.length }, at); }, () => {});
  });
}
