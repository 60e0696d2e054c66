/** That of package.json, which an installed command line does not have beside it. */
export const version = '0.1.0';
