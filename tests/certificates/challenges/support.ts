import type { PendingChallenge } from '../../../src/certificates/challenges/solver.ts';

const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

export function pending(name: string, token: string): PendingChallenge {
  return {
    issuer: 'https://localhost:14000/dir',
    url: `https://localhost:14000/chalZ/${token}`,
    identifier: { type: 'dns', value: name },
    token,
    keyAuthorization: `${token}.${thumbprint}`,
  };
}
