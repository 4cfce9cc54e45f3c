/** Web vitals by Google's own library, which knows the browsers' oddities. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from 'web-vitals';
import type { Context } from './context.ts';

export function recordVitals(context: Context) {
  let on = true;
  const tell = ({ name, value, rating, navigationType }: Metric) => {
    if (on) context.custom('web-vital', { name, value: Math.round(value * 1000) / 1000, rating, navigationType });
  };
  for (const measure of [onLCP, onINP, onCLS, onFCP, onTTFB]) measure(tell);
  context.undo.add(() => { on = false; });
}
