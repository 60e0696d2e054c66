import { BindstoError } from '../../errors.ts';
import { type Answer, askOnce } from '../../host/http-probe.ts';
import type { PendingChallenge, Solver } from './solver.ts';

/** As connect(2) says it where nobody listens. Other silence may be a network's, and the CA comes another way. */
const nobodyListens = 'ECONNREFUSED';

/**
 * The answers of another solver, given on a socket of systemd. Whether they are given there is
 * looked at first: a CA that finds something else counts it, and allows few failures.
 *
 * @param address as `listenHTTP` has it
 */
export function listenerSolver(address: string, answers: Solver): Solver {
  return {
    type: 'http-01',
    async present(challenge: PendingChallenge) {
      const presented = await answers.present(challenge);
      try {
        await check(address, challenge);
        return presented;
      } catch (error) {
        await presented[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

async function check(
  address: string,
  { identifier, token, keyAuthorization }: PendingChallenge,
): Promise<void> {
  const { value } = identifier;
  const answer = await askOnce({
    at: localEnd(address),
    host: value.includes(':') ? `[${value}]` : value,
    path: `/.well-known/acme-challenge/${token}`,
  });
  const wrong = whatIsWrong(answer, keyAuthorization);
  if (wrong === undefined) return;
  const port = address.slice(address.lastIndexOf(':') + 1);
  throw new BindstoError('configuration', `listenHTTP ${address}: ${wrong}`, {
    hint: `something else may have the port: ss -ltnp 'sport = :${port}'; systemctl status 'acme-http@*.socket'`,
  });
}

/** No address stands for each of them, also for the loopback. */
function localEnd(address: string): { address: string; port: number } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/[[\]]/g, '');
  return { address: host || '127.0.0.1', port: Number(address.slice(at + 1)) };
}

function whatIsWrong(answer: Answer, expected: string): string | undefined {
  if ('silence' in answer) {
    return answer.silence === nobodyListens ? 'nobody listens there' : undefined;
  }
  return answer.body === expected
    ? undefined
    : `another server answers there, with status ${answer.status}`;
}
