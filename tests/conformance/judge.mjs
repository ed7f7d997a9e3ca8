// Compares what a server did with a case to what the table expects.

// What a route may say of a request that it understood; nginx and cpp-httplib serve another application than the portal.
const served = new Set(['body', 200, 204, 206, 401, 404, 405]);

/** Whether `status` says what the table's `expected` does: the resource there is, or another one, or a refusal. */
function meansTheSame(status, expected) {
  // To close without a word is to refuse.
  return expected === 200 ? status === 200 || status === 206 : served.has(status) === served.has(expected);
}

/**
 * `verdict`: 'as expected', or how strongly the RFC asks for something else: 'may', 'should' or 'must'.
 * `smuggling`: the head can be framed in two ways, and the server goes on behind it.
 */
export function judge(each, { statuses, end }) {
  const sameAnswer = meansTheSame(statuses[0], each.status);
  const sameEnd = each.closes ? end === 'closed' : end === 'next' || end === 'later';
  // Without a doubt about the framing, a server may refuse a request and go on with the next.
  const mayGoOn = sameAnswer && each.closes && each.status >= 400 && !each.framing;
  return {
    statuses,
    end,
    verdict: sameAnswer && sameEnd ? 'as expected' : mayGoOn ? 'may' : each.rule.toLowerCase(),
    smuggling: each.framing && end !== 'closed',
  };
}

/** A cell of the table. */
export function show({ statuses, end, verdict, smuggling }) {
  const seen = `${statuses.join(', ') || '–'} ${end}`;
  const text = verdict === 'as expected' ? seen : `${seen} (${verdict.toUpperCase()})`;
  return smuggling ? `**${text}**` : text;
}
