import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcmeProblem, isCommon, problemOf } from '../../src/certificates/acme/problem.ts';
import { problemDocument } from '../../src/certificates/acme/problem-document.ts';
import type { Where } from '../../src/certificates/acme/session.ts';
import { BindstoError, wrap } from '../../src/errors.ts';

const domains = ['www.a.example', '*.b.example'];

function problem(where: Where, type: string, detail = 'no', more: object = {}): AcmeProblem {
  const document = { type: `urn:ietf:params:acme:error:${type}`, detail, subproblems: [] };
  return new AcmeProblem(where, { ...document, ...more });
}

test('what every certificate of an account would meet is common', () => {
  for (const error of [
    new BindstoError('unavailable', 'no answer'),
    wrap('ordering', new BindstoError('unavailable', 'no answer')),
    problem('newOrder', 'serverInternal'),
    problem('finalize', 'x', 'no', { status: 503 }),
    problem('newAccount', 'malformed'),
    problem('newAccount', 'externalAccountRequired'),
    problem('newOrder', 'unauthorized', 'Account is not valid, has status "deactivated"'),
    problem('newOrder', 'accountDoesNotExist'),
    problem('order', 'badNonce'),
    problem('newOrder', 'userActionRequired'),
    problem('newOrder', 'rateLimited', 'too many new orders (300) from this account'),
    problem('newOrder', 'rateLimited', 'too many requests, see https://a.example/limits/'),
    problem('newNonce', 'x', 'no', { status: 429 }),
    wrap('ordering', problem('newOrder', 'rateLimited', 'Service busy; retry later.')),
  ]) {
    assert.equal(isCommon(error, domains), true, error.message);
    assert.equal(error.code, 'unavailable', error.message);
  }
});

test("what is about a certificate's own names, key or challenge is its own", () => {
  for (const error of [
    new BindstoError('configuration', 'no webroot'),
    new Error('a bug'),
    problem('newOrder', 'rejectedIdentifier'),
    problem('newOrder', 'malformed'),
    problem('authorization', 'unauthorized'),
    problem('order', 'connection'),
    problem('authorization', 'dns'),
    problem('finalize', 'badCSR'),
    problem('finalize', 'orderNotReady'),
    wrap('ordering', problem('order', 'caa')),
    problem('newOrder', 'rateLimited', 'too many certificates for this exact set of identifiers'),
    problem('newOrder', 'rateLimited', 'too many failed authorizations (5) for "www.a.example"'),
    problem(
      'newOrder',
      'rateLimited',
      'too many certificates (50) already issued for "A.example".',
    ),
    problem('newOrder', 'rateLimited', 'for *.b.example: retry after 2026-11-21'),
    problem('newOrder', 'rateLimited', 'no', {
      subproblems: [{ type: 'x', detail: '', identifier: { type: 'dns', value: 'b.example' } }],
    }),
  ]) {
    assert.equal(isCommon(error, domains), false, error.message);
  }
  assert.equal(problem('order', 'caa').code, 'configuration');
});

test('the words of a CA are found below what was being done', () => {
  const said = problem('order', 'caa');
  assert.equal(problemOf(wrap('ordering', wrap('asking', said))), said);
  assert.equal(problemOf(new Error('else')), undefined);
  assert.equal(problemOf(undefined), undefined);
});

test('a problem document may lack everything, and says nothing that acts on a terminal', () => {
  assert.deepEqual(problemDocument({}), {
    type: 'about:blank',
    detail: 'nothing more is said',
    subproblems: [],
  });
  for (const value of [undefined, null, 'text', 5, []])
    assert.equal(problemDocument(value), undefined);
  const nasty = '\u001b[2J\n\u202e';
  const found = problemDocument({
    type: nasty,
    detail: nasty.repeat(1000),
    status: '500',
    subproblems: [null, 5, { type: nasty, identifier: { type: 'dns', value: nasty } }],
  });
  assert.ok(found !== undefined && found.detail.length <= 500);
  assert.equal(found.status, undefined);
  assert.equal(found.subproblems.length, 3);
  assert.match(JSON.stringify(found), /^[\x20-\x7e…]*$/);
});
