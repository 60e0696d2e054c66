import type { Properties } from '../../host/systemctl.ts';
import { type Check, type Finding, notRunning, problem } from './check.ts';

/** Without it nothing is renewed that nobody asks for. */
export const timer: Check = unitsCheck('timer', ['bindsto.timer'], 'bindsto.timer runs');

/** Without them no service follows what changes. */
export const paths: Check = unitsCheck(
  'path units',
  ['bindsto-apply.path', 'bindsto-watch.path'],
  'changes are waited for',
);

function unitsCheck(name: string, units: readonly string[], fine: string): Check {
  return {
    name,
    async look({ session: { machine } }) {
      if (machine === undefined) return notRunning;
      const properties = ['LoadState', 'ActiveState', 'WantedBy', 'Result'];
      const shown = await machine.systemd.show(units, properties);
      return { fine, findings: units.flatMap((unit) => unitFindings(unit, shown.get(unit) ?? {})) };
    },
  };
}

export function unitFindings(unit: string, how: Properties): Finding[] {
  const { LoadState = 'not-found', ActiveState, WantedBy, Result } = how;
  if (LoadState === 'masked') {
    return [problem(unit, 'it is masked', `systemctl unmask ${unit} && systemctl start ${unit}`)];
  }
  if (LoadState !== 'loaded') {
    return [problem(unit, `systemd cannot load it (${LoadState})`, 'install the units of bindsto')];
  }
  if (ActiveState === 'failed') {
    const advice = `systemctl reset-failed ${unit} && systemctl start ${unit}`;
    return [problem(unit, `it has failed (${Result})`, advice)];
  }
  if (ActiveState !== 'active') {
    return [problem(unit, `it does not run (${ActiveState})`, `systemctl enable --now ${unit}`)];
  }
  if (WantedBy === '') {
    const found = 'it runs, but nothing starts it at the next boot';
    return [problem(unit, found, `systemctl enable ${unit}`)];
  }
  return [];
}
