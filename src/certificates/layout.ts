/**
 * A certificate's directory. The five files that programs open are links through `current`,
 * which names one generation: renaming a new `current` over the old one changes all five in
 * one step, for those who open the files later, and for nobody in the middle of reading.
 *
 *     cert.pem -> current/cert.pem          the leaf
 *     chain.pem, fullchain.pem, full.pem, key.pem likewise
 *     current -> .generation-20260131T235959123-0a1b2c
 *     .generation-20260131T235959123-0a1b2c/{cert,chain,fullchain,full,key}.pem, bindsto.json
 *     acme-success                          a certificate was issued: no placeholder
 *
 * Names and marker are those of NixOS' own module, which has regular files in their place.
 */
export const fileNames = ['cert.pem', 'chain.pem', 'fullchain.pem', 'full.pem', 'key.pem'] as const;
export type FileName = (typeof fileNames)[number];

export const currentName = 'current';
export const markerName = 'acme-success';
export const recordName = 'bindsto.json';

/** What is sane for a file of a few certificates; bounds what root reads of others. */
export const largestFile = 256 * 1024;

const prefix = '.generation-';
const generation = /^\.generation-(\d{8}T\d{9}-[0-9a-f]{6})$/;
const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})/;

export function linkTarget(name: FileName): string {
  return `${currentName}/${name}`;
}

export function generationName(id: string): string {
  return prefix + id;
}

/** The id of a generation, from its directory's name or a link's target; nothing that leads elsewhere has one. */
export function generationIdOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : generation.exec(name)?.[1];
}

/** When a generation was made, as `newGenerationId` writes it; NaN for what is no id. */
export function generationTime(id: string): number {
  const iso = id.match(time)?.slice(1) ?? [];
  const [year, month, date, hour, minute, second, millisecond] = iso;
  return Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}.${millisecond}Z`);
}
