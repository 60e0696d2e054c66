import { BindstoError } from '../../errors.ts';
import { isAboutAccount } from './about-account.ts';
import { shortType } from './problem-document.ts';
import type { ProblemDocument, Where } from './session.ts';

/**
 * The CA has said no: an answer with an error status, or an order or authorization that has
 * become invalid. Its texts are the CA's own, one line each and safe to print.
 */
export class AcmeProblem extends BindstoError {
  readonly where: Where;
  readonly type: string;
  readonly detail: string;
  /** Of the answer in HTTP; where there was none of its own, as the document says. */
  readonly status: number | undefined;
  readonly subproblems: ProblemDocument['subproblems'];
  /** The CA does not want to be asked again before. */
  readonly retryAfter: Date | undefined;

  constructor(where: Where, document: ProblemDocument, retryAfter?: Date) {
    super(
      isAboutAccount(where, document) ? 'unavailable' : 'configuration',
      [where, nameOf(document), document.detail].filter((part) => part !== '').join(': '),
    );
    this.name = 'AcmeProblem';
    this.where = where;
    this.type = document.type;
    this.detail = document.detail;
    this.status = document.status;
    this.subproblems = document.subproblems;
    this.retryAfter = retryAfter;
  }
}

/** The CA's own words in an error or what caused it. */
export function problemOf(error: unknown): AcmeProblem | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof AcmeProblem) return each;
  }
  return undefined;
}

/**
 * Whether a failure is one of the CA, the account or the network, which every certificate of
 * the account would meet, and not one of this certificate's own names, key or challenge.
 */
export function isCommon(error: unknown, domains: readonly string[]): boolean {
  const problem = problemOf(error);
  if (problem === undefined) return error instanceof BindstoError && error.code === 'unavailable';
  return isAboutAccount(problem.where, problem, domains);
}

/** Such as `429 rateLimited`. */
function nameOf({ type, status }: ProblemDocument): string {
  const parts = [status, type === 'about:blank' ? undefined : shortType(type)];
  return parts.filter((part) => part !== undefined).join(' ');
}
