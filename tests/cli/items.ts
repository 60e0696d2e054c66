import type { ItemStatus } from '../../src/presence/status.ts';

/** An item in order, as a status file has it. */
export function item(
  kind: ItemStatus['kind'],
  name: string,
  instance = name,
  more: Partial<ItemStatus> = {},
): ItemStatus {
  const isCertificate = kind === 'certificate';
  return {
    kind,
    name,
    instance,
    state: isCertificate ? 'valid' : 'present',
    present: true,
    ...(isCertificate
      ? {
          issuer: 'local',
          keyType: 'ec256',
          domains: [name],
          notBefore: '2026-11-01T00:00:00.000Z',
          notAfter: '2027-01-30T00:00:00.000Z',
        }
      : { backend: 'agenix', ephemeral: false }),
    ...more,
  };
}
