import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import type { Systemd } from '../host/systemctl.ts';
import type { Manifest } from '../manifest/types.ts';

export interface Context {
  readonly places: Places;
  readonly manifest: Manifest;
  readonly systemd: Systemd;
  readonly log: Log;
  readonly now: () => Date;
}
