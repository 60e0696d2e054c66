import { BindstoError } from '../errors.ts';

/** One component, nothing that leads elsewhere. */
export function checked(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new BindstoError('data', `${JSON.stringify(name)} is not a file name`);
  }
  return name;
}
