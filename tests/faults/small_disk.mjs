// A disk that is soon full. Only root can mount one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../e2e/support/portal.mjs';

/** A file system of its own, of a size as in `64m`, which goes with the test. */
export function mountSmallDisk(t, size) {
  assert.equal(process.getuid(), 0, 'a small disk can only be mounted by root: run this test as root');
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'portal-test', folder]);
  t.after(() => execFileSync('umount', ['--lazy', folder]));
  return folder;
}

/** Writes until nothing more fits, to the last byte. */
export function fill(file) {
  const fd = openSync(file, 'a');
  let size = 2 ** 20;
  while (size >= 1) {
    try {
      writeSync(fd, Buffer.alloc(size));
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
      size = Math.floor(size / 2);
    }
  }
  closeSync(fd);
}
