import { sanitize } from '../../host/sanitize.ts';
import type { Identifier } from '../challenges/solver.ts';
import { fieldsOf } from './json-fields.ts';
import type { ProblemDocument } from './session.ts';

const longestType = 100;
const mostSubproblems = 20;

/**
 * RFC 7807 section 3.1, with the subproblems of RFC 8555 section 6.7.1. Every member is optional
 * there. Its texts are safe to print then. Undefined for what is no object.
 */
export function problemDocument(value: unknown): ProblemDocument | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { status, subproblems } = fieldsOf(value);
  return {
    ...typeAndDetail(value),
    ...(typeof status === 'number' && Number.isInteger(status) ? { status } : {}),
    subproblems: (Array.isArray(subproblems) ? subproblems : [])
      .slice(0, mostSubproblems)
      .map((each) => ({ ...typeAndDetail(each), identifier: identifierOf(each) })),
  };
}

/** The last word of a type, as people know it: `rateLimited`. */
export function shortType(type: string): string {
  return type.replace(/^urn:ietf:params:acme:error:/, '');
}

function typeAndDetail(value: unknown): { type: string; detail: string } {
  const { type, detail, title } = fieldsOf(value);
  return {
    type: textOf(type, 'about:blank', longestType),
    detail: textOf(detail, textOf(title, 'nothing more is said')),
  };
}

function identifierOf(value: unknown): Identifier | undefined {
  const { type, value: name } = fieldsOf(fieldsOf(value).identifier);
  if ((type !== 'dns' && type !== 'ip') || typeof name !== 'string') return undefined;
  return { type, value: sanitize(name, 255) };
}

function textOf(value: unknown, otherwise: string, limit?: number): string {
  return typeof value === 'string' && value !== '' ? sanitize(value, limit) : otherwise;
}
