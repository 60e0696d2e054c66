import { readFileSync } from 'node:fs';

export function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has ended
  }
}

/**
 * Kills what has no children of its own; those above end when they see it. So nsenter(1)
 * still reaps its child: one that nobody reaps holds up the shutdown of its container.
 */
export function killLeaves(pid: number): void {
  const children = childrenOf(pid);
  for (const child of children) killLeaves(child);
  if (children.length > 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
