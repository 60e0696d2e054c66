import { createHash } from 'node:crypto';
import AcmeApi from 'acme-client/src/api.js';
import type { Response } from 'acme-client/src/http.js';
import { httpsClient } from '../../host/https.ts';
import { userAgent } from '../../host/user-agent.ts';
import { splitChain } from './chain.ts';
import { directoryMeta } from './directory.ts';
import { expectStatus, expectText } from './response.ts';
import type { AcmeSession, SessionOptions, Where } from './session.ts';
import { readAccount, readAuthorization, readChallenge, readOrder } from './shapes.ts';
import { Transport } from './transport.ts';

const chainType = 'application/pem-certificate-chain';

/**
 * Reads the CA's directory.
 * @throws what the methods of the session throw
 */
export async function openSession(options: SessionOptions): Promise<AcmeSession> {
  const { issuer, accountKey, now } = options;
  const https = httpsClient(options);
  const transport = new Transport({
    directory: issuer,
    accountKey,
    https,
    userAgent: userAgent('acme-client/5.4.0'),
    now,
  });
  const api = new AcmeApi(transport);
  const circumstances = { directory: issuer, now };
  const expect = async (where: Where, statuses: readonly number[], answer: Promise<Response>) =>
    expectStatus(where, statuses, await answer, now());

  return {
    directory: await metaOf(transport, https.close),
    async newAccount(contact) {
      const payload = { termsOfServiceAgreed: true, contact };
      const asked = api.apiResourceRequest('newAccount', payload, [], { includeJwsKid: false });
      const account = readAccount(await expect('newAccount', [200, 201], asked), circumstances);
      api.accountUrl = account.url;
      return account;
    },
    useAccount(url) {
      api.accountUrl = url;
    },
    async newOrder(identifiers) {
      const asked = api.apiResourceRequest('newOrder', { identifiers });
      const answer = await expect('newOrder', [201], asked);
      return readOrder('newOrder', answer, answer.headers.location, circumstances);
    },
    async order(url) {
      const answer = await expect('order', [200], api.apiRequest(url));
      return readOrder('order', answer, url, circumstances);
    },
    async authorization(url) {
      const answer = await expect('authorization', [200], api.apiRequest(url));
      return readAuthorization(answer, url, circumstances);
    },
    async respond(challengeUrl) {
      const answer = await expect('challenge', [200], api.apiRequest(challengeUrl, {}));
      readChallenge(answer, circumstances);
    },
    async finalize(order, csr) {
      const payload = { csr: csr.toString('base64url') };
      const answer = await expect('finalize', [200], api.apiRequest(order.finalize, payload));
      return readOrder('finalize', answer, order.url, circumstances);
    },
    async certificate({ url, certificate = url }) {
      const answer = await expect('certificate', [200], api.apiRequest(certificate));
      return splitChain(expectText('certificate', chainType, answer));
    },
    keyAuthorization(token) {
      const thumbprint = createHash('sha256').update(JSON.stringify(transport.getJwk()));
      return `${token}.${thumbprint.digest('base64url')}`;
    },
    close: https.close,
  };
}

async function metaOf(transport: Transport, close: () => void) {
  try {
    return directoryMeta(await transport.getDirectory());
  } catch (error) {
    close();
    throw error;
  }
}
