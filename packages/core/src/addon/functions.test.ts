import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import * as mx from '../index';
import { native } from './native';

const scripts = join(__dirname, '..', '..', '..', '..', 'native', 'scripts');

test("the declarations are those of the addon's functions", () => {
  const { stdout } = spawnSync(process.execPath, [join(scripts, 'declare-functions.mjs')], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('up to date\n');
});

test('the compiler knows arrays, dtypes, streams and plain numbers apart', () => {
  const { code } = mx.float32;
  expect(native.promoteTypes(code, code)).toBe(code);
  // @ts-expect-error -- a plain number is no dtype.
  expect(native.promoteTypes(code, 10)).toBe(code);
  // @ts-expect-error -- a dtype is no array.
  expect(native.isReleased(code)).toBe(false);
});
