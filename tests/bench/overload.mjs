// Three times what a processor can answer: how much of it is still answered well, and how the rest is refused.
import { unlimited } from '../e2e/support/budgets.mjs';
import { rawRequest, steadily } from './latency.mjs';
import { onProcessorsOfTheirOwn } from './processors.mjs';
import { median } from './support.mjs';

const target = '/v1/contacts?limit=100';
const connections = 256;
/** Of the peak: what an operator would let one client have, and what must come of it. */
const budgeted = 0.88;
const wanted = 0.8;

/** What came of one round of `perSecond` requests: `{good, refused, late}` a second. */
async function round(stage, portal, perSecond) {
  const stream = {
    port: portal.port,
    connections,
    per_second: perSecond,
    requests: [rawRequest(portal.port, target, { token: (await stage.store()).token })],
  };
  const [{ statuses, no_retry_after: bare, unanswered }] = await steadily([stream], stage.seconds);
  const { 200: good = 0, 429: limited = 0, 503: unavailable = 0, ...others } = statuses;
  if (bare > 0 || Object.keys(others).length > 0) {
    throw new Error(`answers that are no refusals: ${JSON.stringify(statuses)}, ${bare} without Retry-After`);
  }
  const rate = (count) => count / stage.seconds;
  return { good: rate(good), refused: rate(limited + unavailable), late: rate(unanswered) };
}

/** Rounds of as much as comes, on a portal without budgets, in turn with rounds of three times that on one with. */
export async function measureOverload(stage) {
  const muchMore = 200_000;
  const open = await stage.startPortal({ log: false, env: unlimited });
  const peaks = [];
  const runs = [];
  let limited;
  try {
    const peak = async () => {
      const { good } = await onProcessorsOfTheirOwn([open], () => round(stage, open, muchMore));
      return good;
    };
    await peak();
    const expected = await peak();
    limited = await stage.startPortal({
      log: false,
      env: {
        PORTAL_RATE_LIMITS_WINDOW: '1s',
        PORTAL_RATE_LIMITS_DEFAULT: String(Math.round(budgeted * expected)),
      },
    });
    for (let n = 0; n < stage.rounds; n += 1) {
      peaks.push(await peak());
      runs.push(await onProcessorsOfTheirOwn([limited], () => round(stage, limited, Math.round(3 * peaks.at(-1)))));
    }
  } finally {
    await limited?.stop();
    await open.stop();
  }
  const spread = runs.map(({ good }, n) => good / peaks[n]);
  stage.table.add({
    name: `${target} at three times the peak, answered 200`,
    beside: 'peak',
    unit: 'requests/s',
    wanted,
    portal: median(runs.map(({ good }) => good)),
    peer: median(peaks),
    ratio: median(spread),
    spread,
  });
  const shares = runs.map(({ good, refused, late }) =>
    [good, refused, late].map((part) => `${Math.round((part / (good + refused + late)) * 100)} %`).join(', '),
  );
  console.log(`of what was asked, answered 200, refused with Retry-After, not answered yet: ${shares.join('; ')}`);
}
