import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnknownNameError } from '../../src/cli/exit.ts';
import { didYouMean, nearest } from '../../src/cli/nearest.ts';
import { resolveName } from '../../src/cli/resolve.ts';
import { BindstoError } from '../../src/errors.ts';
import { item } from './items.ts';

const items = [
  item('certificate', 'mail.example.com'),
  item('certificate', '*.example.org', '\\x2a.example.org'),
  item('certificate', 'both'),
  item('artifact', 'both'),
  item('artifact', 'smtp password', 'smtp\\x20password'),
  item('artifact', 'token.service'),
  { ...item('certificate', '../evil'), instance: undefined },
];
const found = (name: string) => {
  const { kind, name: own } = resolveName(name, items);
  return `${kind} ${own}`;
};

describe('a name stands for an item', () => {
  it('as the configuration has it, or as units have it', () => {
    assert.equal(found('mail.example.com'), 'certificate mail.example.com');
    assert.equal(found('*.example.org'), 'certificate *.example.org');
    assert.equal(found('\\x2a.example.org'), 'certificate *.example.org');
    assert.equal(found('../evil'), 'certificate ../evil');
  });

  it('as that of one of its units', () => {
    for (const unit of ['cert@', 'cert-files@'].map((each) => `${each}mail.example.com.target`)) {
      assert.equal(found(unit), 'certificate mail.example.com');
    }
    assert.equal(found('cert@\\x2a.example.org.service'), 'certificate *.example.org');
    assert.equal(found('artifact-generate@smtp\\x20password.service'), 'artifact smtp password');
    assert.equal(found('artifact@smtp password'), 'artifact smtp password');
  });

  it('with a suffix of its own that looks like that of a unit', () => {
    assert.equal(found('artifact@token.service'), 'artifact token.service');
    assert.equal(found('artifact@token.service.target'), 'artifact token.service');
  });

  it('and has to say which, where a certificate and an artifact share it', () => {
    assert.throws(() => found('both'), {
      code: 'usage',
      message: '"both" is a certificate and an artifact',
      hint: "say which: 'cert@both' or 'artifact@both'",
    });
    assert.equal(found('cert@both'), 'certificate both');
    assert.equal(found('artifact@both.service'), 'artifact both');
  });

  it('and is unknown otherwise, with a guess at what was meant', () => {
    const hintFor = (name: string) => {
      try {
        return found(name);
      } catch (error) {
        assert.ok(error instanceof UnknownNameError && error instanceof BindstoError);
        return error.hint;
      }
    };
    assert.equal(hintFor('mail.exmaple.com'), "did you mean 'mail.example.com'?");
    assert.equal(hintFor('cert@bth'), "did you mean 'cert@both' or 'artifact@both'?");
    assert.equal(hintFor('artifact@mail.example.com'), "did you mean 'cert@mail.example.com'?");
    assert.equal(hintFor('zzzzzz'), "'bindsto list' shows all of them");
  });
});

it('the nearest words differ by a slip or two, the nearest first', () => {
  const words = ['list', 'logs', 'status', 'plan'];
  assert.deepEqual(nearest('lsit', words), ['list']);
  assert.deepEqual(nearest('stauts', words), ['status']);
  assert.deepEqual(nearest('lis', words), ['list']);
  assert.deepEqual(nearest('', words), []);
  assert.equal(didYouMean(nearest('log', [...words, 'lag'])), "did you mean 'logs' or 'lag'?");
  assert.equal(didYouMean(['a', 'b', 'c']), "did you mean 'a', 'b' or 'c'?");
  assert.equal(didYouMean([]), undefined);
});

it('or go on with what was typed', () => {
  const words = ['mail.example.com', 'www.example.com', 'example.org'];
  assert.deepEqual(nearest('example.com', words), ['mail.example.com', 'www.example.com']);
});
