import { run } from './program.ts';
import { sanitize } from './sanitize.ts';

/**
 * Shows one line in `systemctl status` of the unit that we are the process of; it stays there
 * after we have failed. Does nothing outside of a unit, and never fails: it is only talk.
 * The unit needs `NotifyAccess=all`, see systemd-notify(1).
 */
export async function notifyStatus(
  env: Readonly<Record<string, string | undefined>>,
  text: string,
): Promise<void> {
  const { NOTIFY_SOCKET } = env;
  if (!NOTIFY_SOCKET) return;
  try {
    await run('systemd-notify', [`--status=${sanitize(text)}`], {
      timeoutMs: 5000,
      env: { NOTIFY_SOCKET },
    });
  } catch {
    // The log has said it already.
  }
}
