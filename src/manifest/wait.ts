/** Seconds of `settings.waitForMissing`; here, since a generator loads no validator. */
export const defaultWait = 30;

export const longestWait = 24 * 60 * 60;
