/** Where OpenSSH keeps a host's key: what agenix decrypts with unless told otherwise. */
export const defaultIdentities: readonly string[] = ['/etc/ssh/ssh_host_ed25519_key'];

/** Seconds that a boot or a switch waits for missing certificates. */
export const defaultWait = 30;

/** Orders in flight at ACME CAs; as in NixOS' own module. */
export const defaultOrdersAtOnce = 5;

/** What certmagic and Caddy do, too, and well below the limits of public CAs. */
export const defaultOrdersPerMinute = 60;
