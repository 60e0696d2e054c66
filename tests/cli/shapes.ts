import * as v from 'valibot';

const time = v.pipe(v.string(), v.isoTimestamp());
const text = v.string();
const texts = v.array(text);
const kind = v.picklist(['certificate', 'artifact']);
const state = v.picklist([
  ...(['valid', 'due', 'self-signed', 'missing', 'failed'] as const),
  ...(['expired', 'present', 'invalid'] as const),
]);

const head = {
  version: v.literal(1),
  source: v.picklist(['live', 'file']),
  asOf: time,
  manifest: v.strictObject({ path: text, error: v.optional(text) }),
};
const item = {
  kind,
  name: text,
  instance: v.optional(text),
  unit: v.optional(text),
  state,
  present: v.boolean(),
  why: v.optional(text),
  issuer: v.optional(text),
  keyType: v.optional(text),
  domains: v.optional(texts),
  notBefore: v.optional(time),
  notAfter: v.optional(time),
  backend: v.optional(text),
  ephemeral: v.optional(v.boolean()),
  generation: v.optional(text),
  nextTry: v.optional(time),
  lastError: v.optional(v.strictObject({ time, code: text, message: text })),
  problems: v.optional(v.array(v.strictObject({ where: text, expected: text, found: text }))),
  postStatus: v.optional(v.number()),
};
const service = { unit: text, state: v.optional(text), bindsTo: texts, waitsFor: texts };
const widened = v.array(v.strictObject({ unit: text, path: text, file: text }));
const counts = v.strictObject({ declared: v.number(), present: v.number() });

const problem = v.strictObject({
  type: text,
  status: v.optional(v.number()),
  detail: text,
  subproblems: v.optional(v.array(v.unknown())),
});
const failure = { code: text, message: text, problem: v.optional(problem) };
const attempt = v.strictObject({
  ...{ version: v.literal(1), failures: v.number(), last: time, next: time },
  ...{ ...failure, retryAfter: v.optional(time), refusals: v.optional(v.record(text, time)) },
  earlier: v.optional(v.array(v.strictObject({ time, ...failure }))),
});
const account = { issuer: text, email: v.nullable(text), attempt: v.optional(attempt) };
const declared = v.strictObject({
  ...{ issuers: texts, group: text, email: v.nullable(text), challenge: v.optional(v.unknown()) },
  ...{ set: text, batch: text, reloadServices: texts, hasPostRun: v.boolean() },
});

/** What docs/cli.md says of them, by the command line. */
export const shapes = {
  list: { ...head, items: v.array(v.strictObject(item)) },
  status: {
    ...head,
    counts: v.strictObject({ certificates: counts, artifacts: counts }),
    items: v.array(v.strictObject(item)),
    services: v.array(v.strictObject(service)),
    widenedSandboxes: widened,
  },
  'status mail.example.com api-token': {
    ...head,
    items: v.array(
      v.strictObject({
        ...item,
        serial: v.optional(text),
        boundBy: v.array(v.strictObject(service)),
        widenedSandboxes: widened,
        journal: v.array(v.unknown()),
      }),
    ),
  },
  'show mail.example.com': {
    ...head,
    item: v.strictObject({
      ...item,
      serial: text,
      fingerprint256: text,
      chain: v.array(
        v.strictObject({ subject: text, issuer: text, notBefore: time, notAfter: time }),
      ),
      worker: text,
      boundBy: v.array(v.strictObject(service)),
      widenedSandboxes: widened,
    }),
    declared,
    accounts: v.array(v.strictObject(account)),
  },
  'show artifact@api-token': {
    ...head,
    item: v.strictObject({
      ...item,
      chain: v.tuple([]),
      worker: text,
      boundBy: v.array(v.strictObject(service)),
      widenedSandboxes: widened,
    }),
    attempt,
  },
  'renew --dry-run shop.example.org': {
    ...head,
    dryRun: v.literal(true),
    certificates: v.array(
      v.strictObject({
        ...{ kind, name: text, unit: text, would: v.picklist(['issue', 'nothing', 'wait']) },
        ...{ due: v.boolean(), why: v.optional(text), renewFrom: v.optional(time) },
        ...{ forbiddenUntil: v.optional(time), issuers: texts, domains: texts, keyType: text },
        ...{ email: v.nullable(text), challenge: v.optional(v.unknown()), set: text, batch: text },
        attempt: v.optional(attempt),
        accounts: v.array(v.strictObject({ ...account, isKnown: v.optional(v.boolean()) })),
      }),
    ),
  },
  'renew mail.example.com': {
    version: v.literal(1),
    certificates: v.array(
      v.strictObject({
        ...{ kind, name: text, unit: text, generation: v.optional(text) },
        result: v.picklist(['renewed', 'unchanged', 'not-due', 'failed', 'unfinished']),
        ...{ issuer: v.optional(text), notBefore: v.optional(time), notAfter: v.optional(time) },
      }),
    ),
  },
  doctor: {
    ...head,
    checks: v.array(
      v.strictObject({
        name: text,
        verdict: v.picklist(['ok', 'problem', 'unknown']),
        fine: text,
        findings: v.array(
          v.strictObject({
            verdict: v.picklist(['problem', 'unknown']),
            ...{ about: text, found: text, advice: v.optional(text) },
          }),
        ),
      }),
    ),
  },
  'check api-token': {
    ...head,
    result: v.picklist(['ok', 'due', 'failed']),
    kind,
    name: text,
    unit: text,
    state,
    notAfter: v.optional(time),
    why: v.optional(text),
  },
  graph: {
    ...head,
    services: v.strictObject({
      source: v.picklist(['systemd', 'files']),
      units: v.array(v.strictObject({ unit: text, state: v.optional(text), waitsFor: texts })),
    }),
    items: v.array(v.strictObject(item)),
    edges: v.array(v.strictObject({ from: text, to: text })),
  },
  plan: {
    version: v.literal(1),
    directory: text,
    files: v.array(v.strictObject({ path: text, text })),
  },
  validate: {
    version: v.literal(1),
    file: text,
    valid: v.boolean(),
    items: v.optional(
      v.strictObject({ certificates: v.number(), artifacts: v.number(), bad: v.number() }),
    ),
    problems: v.array(
      v.strictObject({
        message: text,
        where: v.optional(text),
        expected: v.optional(text),
        found: v.optional(text),
      }),
    ),
  },
};
