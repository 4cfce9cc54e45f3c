/**
 * The numbers of segments, which the tabs of a session share. One is always kept in reserve, taken from IndexedDB, whose
 * transactions no other tab can cut across: at the moment of leaving there is no time to ask, and a number that two tabs
 * took would cost one of them its last seconds. Web storage, which tabs of other processes see late, is the way out.
 */
import type { Database } from '../deliver/offline.ts';
import type { Session } from './session.ts';

export function createNumbers(session: Session, database: Database) {
  let reserve: { session: string; n: number } | undefined;
  let isAsking = false;
  /** The last number that was taken without a reserve. */
  let unasked = -1;

  const refill = () => {
    // A page in the background may be ended without a word, and its number would be missed.
    if (isAsking || reserve?.session === session.id || document.visibilityState === 'hidden') return;
    isAsking = true;
    const { id } = session;
    void database.count(id, session.next).then((n) => {
      isAsking = false;
      if (n === undefined || id !== session.id) return;
      // It was taken while the database was asked.
      if (n <= unasked) return refill();
      reserve = { session: id, n };
      session.change({ next: Math.max(session.next, n + 1) });
    });
  };
  return {
    refill,
    /** A page that is leaving asks for no other. */
    take(isLeaving: boolean): number {
      const n = reserve?.session === session.id ? reserve.n : (unasked = session.takeNumber());
      reserve = undefined;
      if (!isLeaving) refill();
      return n;
    },
    /** The session changed. */
    reset() {
      reserve = undefined;
      unasked = -1;
    },
  };
}
