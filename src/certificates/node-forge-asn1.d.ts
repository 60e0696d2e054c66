/**
 * Only the DER reader and writer of node-forge, 42 KB of its 1 MB. Its own types know neither
 * this path nor the reader's options.
 */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge';

  namespace der {
    type Asn1 = asn1.Asn1;
    type Type = asn1.Type;
  }
  const der: Omit<typeof asn1, 'fromDer'> & {
    fromDer(bytes: string, options: ReaderOptions): asn1.Asn1;
  };
  interface ReaderOptions {
    readonly strict: boolean;
    readonly parseAllBytes: boolean;
    /** Whether to take what is inside of a bit string for a value of its own. */
    readonly decodeBitStrings: boolean;
    readonly maxDepth: number;
  }
  export default der;
}
