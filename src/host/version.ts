/** That of package.json, which what is installed does not have beside it. */
export const version = '0.1.0';
