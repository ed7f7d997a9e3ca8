// Waits for a peer that has just been started.
import { setTimeout as wait } from 'node:timers/promises';

/** Resolves once `url` answers 200; fails when `ended` settles first, or after ten seconds. */
export async function answering(url, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (let tries = 0; tries < 500 && !over; tries += 1) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await wait(20);
  }
  throw new Error(`nothing answers at ${url}`);
}
