/**
 * The last seconds of a recording: whole stretches that each begin with a full snapshot, so that what is kept can be
 * played. In: lines, and where a stretch begins. Out: the lines of the stretches that are kept. Never here: uploads.
 */

/** Characters that are kept; more, and the oldest stretches go. */
const CHARS_MAX = 8_000_000;

interface Stretch {
  lines: string[];
  chars: number;
  /** Epoch milliseconds of its last line. */
  last: number;
}

export function createRing(keepMs: number) {
  let stretches: Stretch[] = [];
  const chars = () => stretches.reduce((sum, stretch) => sum + stretch.chars, 0);
  const last = () => stretches[stretches.length - 1];

  return {
    /** Adds a line; true when the stretch that is being written is too long by itself and a new one should begin. */
    push(line: string, at: number, begins: boolean): boolean {
      if (begins || !stretches.length) stretches.push({ lines: [], chars: 0, last: at });
      const stretch = last()!;
      stretch.lines.push(line);
      stretch.chars += line.length;
      stretch.last = at;
      while (stretches.length > 1 && (stretches[0]!.last < at - keepMs || chars() > CHARS_MAX)) stretches.shift();
      return stretch.chars > CHARS_MAX / 2;
    },
    /** Takes everything out. */
    take(): string[] {
      const lines = stretches.flatMap((stretch) => stretch.lines);
      stretches = [];
      return lines;
    },
    /** What a next page may keep, as the newest stretches that fit. */
    save(charsMax: number): [number, string[]] | undefined {
      let sum = 0;
      const kept = stretches.filter((_, at) => {
        sum = stretches.slice(at).reduce((all, stretch) => all + stretch.chars, 0);
        return sum <= charsMax;
      });
      return kept.length ? [last()!.last, kept.flatMap((stretch) => stretch.lines)] : undefined;
    },
    /** Puts what an earlier page saved in front. */
    restore(saved: [number, string[]] | undefined, now: number) {
      if (!saved || saved[0] < now - keepMs || saved[0] > now) return;
      stretches.unshift({ lines: saved[1], chars: saved[1].reduce((sum, line) => sum + line.length, 0), last: saved[0] });
    },
  };
}
export type Ring = ReturnType<typeof createRing>;
