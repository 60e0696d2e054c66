// A reporter of node:test that writes one JSON line for each test that counts.
export default async function* events(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name, skip, todo, file, details } = data;
    // a suite's tests count one by one, unless they are skipped with it
    if (details?.type === 'suite' && skip === undefined) continue;
    const outcome = type === 'test:fail' ? 'failed' : 'passed';
    const left = skip ?? todo;
    if (left === 'test name does not match pattern') continue;
    yield `${JSON.stringify({
      outcome: left === undefined || left === false ? outcome : 'skipped',
      name,
      file,
      reason: typeof left === 'string' ? left : '',
    })}\n`;
  }
}
