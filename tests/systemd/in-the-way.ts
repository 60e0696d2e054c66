import { ciphertext } from './secrets.ts';

export interface Obstacle {
  /** A shell script that puts it there; `$d` is the certificate's directory, not there yet. */
  readonly put?: string;
  readonly item?: object;
  readonly says: RegExp;
}

const made = 'install -d -o acme -g acme -m 2750 $d;';

/** What is in the way of a certificate, by its name. */
export const inTheWayOfCertificates: Readonly<Record<string, Obstacle>> = {
  'current.example': {
    put: `${made} mkdir $d/current`,
    says: /current\.example\/current is a directory, where a link of bindsto should be/,
  },
  'directory.example': {
    put: `${made} mkdir $d/cert.pem`,
    says: /directory\.example\/cert\.pem is a directory, where a file should be/,
  },
  'link.example': {
    put: `${made} ln -s /etc/shadow $d/key.pem`,
    says: /link\.example\/key\.pem is a symbolic link to "\/etc\/shadow", where a file should be/,
  },
  'fifo.example': {
    put: `${made} mkfifo $d/fullchain.pem`,
    says: /fifo\.example\/fullchain\.pem is a FIFO, where a file should be/,
  },
  'file.example': {
    put: 'echo precious >$d',
    says: /preparing the directory of file\.example: opening \/var\/lib\/acme\/file\.example: is not a directory/,
  },
  'away.example': {
    put: 'install -d -m 0700 /srv/away; ln -s /srv/away $d',
    says: /preparing the directory of away\.example: opening \/var\/lib\/acme\/away\.example: is not a directory, or is a symbolic link/,
  },
  'group.example': {
    item: { group: 'nobody-knows' },
    says: /preparing the directory of group\.example: .*nobody-knows/,
  },
};

/** The same of an artifact; `path` and so on are its file's. */
export const inTheWayOfArtifacts: Readonly<Record<string, Obstacle>> = {
  directory: {
    put: 'mkdir /run/artifacts/directory',
    says: /artifact "directory": linking \/run\/artifacts\/directory: is a directory/,
  },
  file: {
    put: 'mkdir -p /etc/app; echo precious >/etc/app/secret',
    item: { path: '/etc/app/secret' },
    says: /artifact "file": linking \/etc\/app\/secret: a regular file is there already/,
  },
  'file-is-directory': {
    put: 'mkdir -p /etc/app/directory',
    item: { path: '/etc/app/directory' },
    says: /artifact "file-is-directory": linking \/etc\/app\/directory: a directory is there already/,
  },
  'parent-is-link': {
    put: 'install -d -m 0700 /srv/elsewhere; ln -s /srv/elsewhere /srv/parent',
    item: { path: '/srv/parent/secret' },
    says: /artifact "parent-is-link": opening \/srv\/parent: is not a directory, or is a symbolic link/,
  },
  'parent-is-theirs': {
    put: 'install -d -o acme /srv/theirs',
    item: { path: '/srv/theirs/secret' },
    says: /artifact "parent-is-theirs": \/srv\/theirs belongs to user \d+/,
  },
  'nobodys-group': {
    item: { group: 'nobody-knows' },
    says: /artifact "nobodys-group": .*nobody-knows/,
  },
  'nobodys-owner': {
    item: { owner: 'nobody-knows' },
    says: /artifact "nobodys-owner": .*nobody-knows/,
  },
  'source-is-directory': {
    put: `rm ${ciphertext('source-is-directory')}; mkdir ${ciphertext('source-is-directory')}`,
    says: /artifact "source-is-directory": reading \/etc\/secrets\/source-is-directory\.age: is a directory/,
  },
};
