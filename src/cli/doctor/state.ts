import { roomIn } from '../../host/room.ts';
import { counted } from '../counts.ts';
import { type Check, type Finding, problem } from './check.ts';

const mebibyte = 1 << 20;

/** Bytes and inodes of a generation, its storage and its order, rounded up; two are there for a while. */
const bytesEach = 64 * 1024;
const inodesEach = 24;

/** Certificates that are renewed together at most, in a usual night. */
const together = 100;

/** Where everything is kept: room for what is to come, and leave to write. */
export const state: Check = {
  name: 'state',
  look({ session: { places }, manifest }) {
    const most = Math.min(together, manifest.certificates.length);
    const needed = { bytes: mebibyte + most * bytesEach, inodes: 100 + most * inodesEach };
    const directories = [
      ...(most > 0 ? [places.acme, places.state] : []),
      places.run,
      ...(manifest.artifacts.length > 0 ? [places.artifacts] : []),
    ];
    const findings = directories.flatMap((path) => roomFindings(path, needed));
    return { fine: `${directories.join(', ')}: writable, with room`, findings };
  },
};

function roomFindings(path: string, needed: { bytes: number; inodes: number }): Finding[] {
  const room = roomIn(path);
  if (room === undefined) {
    const advice = 'systemctl restart bindsto-reconcile.service makes it';
    return [problem(path, 'it is not there', advice)];
  }
  const { freeBytes, freeInodes, isReadOnly } = room;
  if (isReadOnly) {
    return [problem(path, 'its file system is read-only', 'mount it writable (findmnt, dmesg)')];
  }
  const findings: Finding[] = [];
  if (freeBytes < needed.bytes) {
    const found = `${Math.floor(freeBytes / 1024)} KiB are free`;
    findings.push(problem(path, found, `free some space there (df ${path})`));
  }
  if (freeInodes !== undefined && freeInodes < needed.inodes) {
    const found = `${counted(freeInodes, 'inode')} are free`;
    findings.push(problem(path, found, `remove some files there (df -i ${path})`));
  }
  return findings;
}
