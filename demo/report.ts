import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Act, Happening, Stage, UnitState } from './stage.ts';
import type { StatusJson } from './standing.ts';

/** `demo-report.json`. */
export interface Report {
  readonly version: 1;
  readonly finished: string;
  readonly seconds: number;
  readonly stage: Stage['kind'];
  /** What is PID 1, or, without a container, what verified the units; null: neither. */
  readonly systemd: string | null;
  readonly node: string;
  readonly units: readonly UnitReport[];
  readonly certificates: readonly CertificateReport[];
  readonly artifacts: readonly ArtifactReport[];
  /** Sentences; empty: everything was shown. */
  readonly leftOut: readonly string[];
}

export interface UnitReport {
  readonly unit: string;
  /** Of its last run; null where it never ran. */
  readonly invocationId: string | null;
  /** How the last run ended, in systemd's words; of a target, which has none, its last job. */
  readonly result: string | null;
  readonly activeState: string | null;
  readonly subState: string | null;
  readonly happened: readonly (Omit<Happening, 'unit'> & { readonly act: Act })[];
}

/** Read from the certificate that is installed. */
export interface CertificateReport {
  readonly name: string;
  readonly subjectAltName: string | undefined;
  readonly issuer: string;
  readonly isSelfSigned: boolean;
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly validTo: string;
}

export interface ArtifactReport {
  readonly name: string;
  readonly backend: string | undefined;
  readonly state: string;
  readonly isPresent: boolean;
}

export type Chronicle = readonly { readonly act: Act; readonly happening: Happening }[];

export async function reportOf(stage: Stage, chronicle: Chronicle, began: number): Promise<Report> {
  const status: StatusJson = JSON.parse(await stage.bindsto(['status', '--json']));
  const names = [...new Set(chronicle.map(({ happening }) => happening.unit))].sort();
  const states = await stage.states(names);
  return {
    version: 1,
    finished: new Date().toISOString(),
    seconds: Math.round((Date.now() - began) / 10) / 100,
    stage: stage.kind,
    systemd: stage.systemd ?? null,
    node: stage.node,
    units: names.map((name) => unitReport(name, states.get(name), chronicle)),
    certificates: status.items
      .filter(({ kind }) => kind === 'certificate')
      .flatMap(({ name }) => certificateReport(stage.root, name)),
    artifacts: status.items
      .filter(({ kind }) => kind === 'artifact')
      .map(({ name, backend, state, present }) => ({ name, backend, state, isPresent: present })),
    leftOut: stage.leftOut,
  };
}

/** By one rename: two demos side by side leave the report of the one that ended last. */
export function writeReport(path: string, report: Report): void {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(report, undefined, 2)}\n`);
  renameSync(next, path);
}

/** systemd forgets a unit that has ended and that nothing refers to; the journal does not. */
function unitReport(unit: string, state: UnitState | undefined, chronicle: Chronicle): UnitReport {
  const own = chronicle.filter(({ happening }) => happening.unit === unit);
  const invocations = own.flatMap(({ happening }) => happening.invocation ?? []);
  return {
    unit,
    invocationId: state?.invocationId || invocations.at(-1) || null,
    result: state?.result || own.at(-1)?.happening.result || null,
    activeState: state?.activeState ?? null,
    subState: state?.subState ?? null,
    happened: own.map(({ act, happening: { unit: _, ...rest } }) => ({ act, ...rest })),
  };
}

function certificateReport(root: string, name: string): CertificateReport[] {
  const path = join(root, 'var/lib/acme', name, 'cert.pem');
  if (!existsSync(path)) return [];
  const certificate = new X509Certificate(readFileSync(path));
  const { subject, issuer, subjectAltName, serialNumber, validFrom, validTo } = certificate;
  const isSelfSigned = subject === issuer && certificate.verify(certificate.publicKey);
  const names = { subjectAltName, issuer: issuer.replaceAll('\n', ', ') };
  return [{ name, ...names, isSelfSigned, serialNumber, validFrom, validTo }];
}
