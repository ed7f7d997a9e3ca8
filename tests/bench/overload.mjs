// Three times what a processor can answer: how much of it is still answered well, and how the rest is refused.
import { requestsInTurn } from './in_turn.mjs';
import { rawRequest, steadily } from './latency.mjs';
import { onProcessorsOfTheirOwn } from './processors.mjs';
import { median } from './support.mjs';

const target = '/v1/contacts?limit=100';
/** Of the peak: what an operator would let one client have, and what must come of it. */
const budgeted = 0.9;
const wanted = 0.8;

const sideOf = (portal) => ({ url: portal.base + target, headers: portal.credentials, pid: portal.pid });

/** What the portal answers at most, on one processor: the median of the rounds. */
async function peakOf(stage) {
  const portal = await stage.startPortal({ log: false });
  try {
    const measure = () => requestsInTurn(sideOf(portal), sideOf(portal), stage.load);
    return (await onProcessorsOfTheirOwn([portal], measure)).portal;
  } finally {
    await portal.stop();
  }
}

export async function measureOverload(stage) {
  const peak = await peakOf(stage);
  const env = {
    PORTAL_RATE_LIMITS_WINDOW: '1s',
    PORTAL_RATE_LIMITS_DEFAULT: String(Math.round(budgeted * peak)),
  };
  const portal = await stage.startPortal({ log: false, env });
  const { token } = await stage.store();
  const stream = {
    port: portal.port,
    connections: 256,
    per_second: Math.round(3 * peak),
    requests: [rawRequest(portal.port, target, { token })],
  };
  try {
    const runs = [];
    await onProcessorsOfTheirOwn([portal], async () => {
      await steadily([stream], 2);
      for (let round = 0; round < stage.rounds; round += 1) runs.push((await steadily([stream], stage.seconds))[0]);
    });
    const bare = runs.filter(
      ({ statuses, no_retry_after: bare }) =>
        bare > 0 || Object.keys(statuses).some((status) => !['200', '429', '503'].includes(status)),
    );
    if (bare.length > 0) throw new Error(`answers that are no refusals: ${JSON.stringify(bare)}`);
    const rates = runs.map(({ statuses }) => statuses[200] / stage.seconds);
    const spread = rates.map((rate) => rate / peak);
    stage.table.add({
      name: `${target} at three times the peak, answered 200`,
      beside: 'peak',
      unit: 'requests/s',
      wanted,
      portal: median(rates),
      peer: peak,
      ratio: median(spread),
      spread,
    });
    const each = runs.map(({ statuses, unanswered }) => JSON.stringify({ ...statuses, unanswered }));
    console.log(`rounds of ${stage.seconds} s at ${stream.per_second} a second: ${each.join(' ')}`);
  } finally {
    await portal.stop();
  }
}
