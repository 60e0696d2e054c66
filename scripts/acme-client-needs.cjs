// Stands in a bundle for each package that acme-client loads: what it touches of them while it is
// loaded, and no more. We call only its signing and its requests (src/certificates/acme/), which
// go out by a transport of ours; axios, @peculiar/x509 and their like would cost a worker half
// of its time and 15 MB. What is touched later than that fails loudly.
const nothing = () => {};

// debug('acme-client')
module.exports = () => nothing;

// axios
module.exports.AxiosError = class AxiosError extends Error {};
module.exports.create = () => ({
  defaults: { headers: { common: {} } },
  interceptors: { request: { use: nothing }, response: { use: nothing } },
  request() {
    throw new Error('acme-client has used its own transport');
  },
});

// @peculiar/x509
module.exports.cryptoProvider = { set: nothing };
