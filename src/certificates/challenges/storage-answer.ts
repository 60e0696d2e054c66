import { challengeJson } from '../../storage/documents.ts';
import { challengeKey, lockNames } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import type { PendingChallenge, Solver } from './solver.ts';
import { checkToken } from './token.ts';

/** Longer than a CA takes to look, milliseconds. */
const longestWait = 60_000;

/**
 * Answers HTTP-01 by a document in storage, as certmagic does: whoever is asked, on this host
 * or another, finds it by the name that he is asked for. So there is one answer at a time for
 * a name and a CA, and others wait for their turn: who keeps several takes them in the order of
 * their names.
 */
export function storageSolver(storage: Storage): Solver {
  return {
    type: 'http-01',
    async present(challenge: PendingChallenge) {
      const { issuer, identifier, token } = challenge;
      checkToken(token);
      const key = challengeKey(issuer, identifier.value);
      const turn = await storage.lock(lockNames.challenge(issuer, identifier.value), longestWait);
      const end = async () => {
        try {
          // what is there by now may be the next one's
          if (turn.isHeld) await storage.delete(key);
        } finally {
          await turn.release();
        }
      };
      try {
        await storage.store(key, challengeJson(challenge));
      } catch (error) {
        await end();
        throw error;
      }
      return { [Symbol.asyncDispose]: end };
    },
  };
}
