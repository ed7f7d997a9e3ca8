// What was measured, and beside what it was to reach: one row a case.

const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export class ResultTable {
  rows = [];

  /** `portal` and `peer` are rates in `unit`; `ratio` is the median of the pairs, not of the rates. CPU times are
   * each side's own, in microseconds a unit; `wanted` is the least ratio and `most` the greatest, where one is asked
   * for. Latencies are in `unit` too. */
  add(row) {
    this.rows.push(row);
    console.log(lineOf(row));
  }

  /** Only the rows that have something to reach. */
  print() {
    const asked = this.rows.filter(({ wanted, most }) => wanted !== undefined || most !== undefined);
    if (asked.length === 0) return;
    const cells = [
      ['case', 'beside', 'ratio', 'reach', ''],
      ...asked.map(({ name, beside, ratio, wanted, most }) => [
        name,
        beside,
        ratio.toFixed(2),
        wanted !== undefined ? `≥ ${wanted.toFixed(2)}` : `≤ ${most.toFixed(2)}`,
        ratio >= (wanted ?? 0) && ratio <= (most ?? Infinity) ? 'reached' : 'NOT REACHED',
      ]),
    ];
    const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
    console.log('');
    for (const row of cells)
      console.log(
        row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      );
  }
}

function lineOf({ name, beside, unit, portal, peer, ratio, spread, portalCpu, peerCpu }) {
  const cpu =
    portalCpu === undefined ? '' : `; own CPU ${figures.format(portalCpu)} and ${figures.format(peerCpu)} µs each`;
  return (
    `${name}: ${figures.format(portal)} ${unit}, ${beside} ${figures.format(peer)}, ` +
    `ratio ${ratio.toFixed(2)} (${spread.map((each) => each.toFixed(2)).join(' ')})${cpu}`
  );
}
