/**
 * What acme-client loads and never needs here, since transport, certificate requests and parsers
 * are our own: hundreds of kilobytes that each process would read, compile and keep. The
 * stand-ins have what is touched while the library is loaded, and nothing else.
 */
const texts = {
  axios: `
    const use = () => {};
    const create = () => ({
      defaults: { headers: { common: {} } },
      interceptors: { request: { use }, response: { use } },
    });
    module.exports = { create, AxiosError: Error };`,
  '@peculiar/x509': 'module.exports = { cryptoProvider: { set() {} } };',
  asn1js: 'module.exports = {};',
  debug: 'module.exports = () => () => {};',
};

/** A plugin for esbuild. */
export const standIns = {
  name: 'stand-ins',
  setup(build) {
    const namespace = 'stand-in';
    build.onResolve({ filter: /^(axios|@peculiar\/x509|asn1js|debug)$/ }, ({ path }) => ({
      path,
      namespace,
    }));
    build.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: texts[path] }));
  },
};
