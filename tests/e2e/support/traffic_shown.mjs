// What the admin page shows of requests, as its reader sees it.

const cellsOf = (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent));
const ratesChart = (page) => page.locator('figure', { hasText: 'Requests a second' });

/** Makes the page show objectives within the last hour, and the rates of so many seconds in a table too. */
export async function showTraffic(page, span) {
  await page.locator('#window').selectOption('1h');
  await page.locator('#span').selectOption(String(span));
  await ratesChart(page).getByText('Table', { exact: true }).click();
}

/** How many requests there have been, by endpoint. */
export async function requestsShown(page) {
  const rows = await page.locator('#objectives tbody tr').evaluateAll(cellsOf);
  return new Map(rows.map(([endpoint, requests]) => [endpoint, Number(requests.replaceAll(',', ''))]));
}

/** The rates in the chart's table: for each endpoint those of its rows, the latest first. */
export async function ratesShown(page) {
  const [[, ...names], ...rows] = await ratesChart(page).locator('tr').evaluateAll(cellsOf);
  return new Map(names.map((name, column) => [name, rows.map((row) => Number(row[column + 1]))]));
}
