/** Of the manifest's format. Counts up when an older program would misread a newer manifest. */
export const manifestVersion = 1;
