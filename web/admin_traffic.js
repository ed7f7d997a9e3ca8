// Requests, errors and latencies over the last minutes, by endpoint.
import { Chart } from './admin_lines.js';
import { byId, element } from './admin_dom.js';
import { decimal, milliseconds } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

const longest = 900; // seconds; what the portal keeps
const busiest = 5; // lines beside that of all others
const others = 'all others';
const quantiles = ['p50_ms', 'p95_ms', 'p99_ms'];

/** Gives an endpoint one colour for as long as it is shown. */
class Slots {
  constructor() {
    this.taken = new Map();
  }

  of(names) {
    for (const name of this.taken.keys()) if (!names.includes(name)) this.taken.delete(name);
    for (const name of names) {
      const used = new Set(this.taken.values());
      if (!this.taken.has(name))
        this.taken.set(
          name,
          [0, 1, 2, 3, 4, 5].find((slot) => !used.has(slot)),
        );
    }
    return this.taken;
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const highest = (values) => (values.length ? Math.max(...values) : null);

const chartsOfAll = [
  ['requests', ({ requests }, seconds) => requests / seconds, sum, ''],
  ['errors', ({ errors }, seconds) => errors / seconds, sum, ''],
  ['latency', ({ p95_ms: p95 }) => p95, highest, ', p95'],
];

export class Traffic {
  constructor() {
    this.samples = []; // {id, time, seconds, endpoints: Map(label → numbers)}, the oldest first
    this.slots = new Slots();
    this.objectives = new Map();
    const host = byId('charts');
    host.replaceChildren();
    const rate = (value) => decimal(value, 3);
    this.charts = {
      requests: new Chart(host, { title: 'Requests a second', format: rate, fold: 'mean', least: 1 }),
      errors: new Chart(host, { title: 'Server errors a second', format: rate, fold: 'mean', least: 1 }),
      latency: new Chart(host, { title: 'Latency', format: milliseconds, fold: 'max', least: 1 }),
    };
    this.missing = element('p', { class: 'empty', hidden: true });
    host.before(this.missing);
    this.feeds = [
      new Feed({
        path: () => `/api/samples?after=${this.samples.at(-1)?.id ?? 0}`,
        every: 1,
        show: (news) => this.#take(news),
        refused: (refusal) => this.#miss(reasonOf(refusal)),
      }),
    ];
    for (const id of ['endpoint', 'span']) byId(id).addEventListener('change', () => this.#draw());
  }

  /** The endpoints' targets, as the panel of objectives has heard of them. */
  hear(endpoints) {
    this.objectives = new Map(endpoints.map((endpoint) => [endpoint.endpoint, endpoint]));
  }

  #miss(text) {
    this.missing.textContent = text;
    this.missing.hidden = false;
    byId('charts').hidden = true;
  }

  #take({ samples }) {
    this.missing.hidden = true;
    byId('charts').hidden = false;
    for (const { id, at, length_ms: length, endpoints } of samples) {
      const numbers = new Map(endpoints.map((one) => [one.endpoint, one]));
      const last = this.samples.at(-1);
      if (last && id <= last.id) this.samples = []; // another process counts
      this.samples.push({ id, time: Date.parse(at) / 1000, seconds: length / 1000, endpoints: numbers });
    }
    const end = this.samples.at(-1)?.time ?? 0;
    this.samples = this.samples.filter(({ time }) => time > end - longest);
    this.#nameEndpoints();
    this.#draw();
  }

  #nameEndpoints() {
    const select = byId('endpoint');
    const known = new Set([...select.options].map(({ value }) => value));
    const seen = new Set(this.samples.flatMap(({ endpoints }) => [...endpoints.keys()]));
    for (const name of [...seen].sort()) if (!known.has(name)) select.append(element('option', { value: name }, name));
  }

  #draw() {
    const span = Number(byId('span').value);
    const end = this.samples.at(-1)?.time ?? Date.now() / 1000;
    const shown = this.samples.filter(({ time }) => time > end - span);
    const frame = { times: shown.map(({ time }) => time), span, end, targets: [] };
    const chosen = byId('endpoint').value;
    if (chosen) this.#drawOne(chosen, shown, frame);
    else this.#drawAll(shown, frame);
  }

  #drawOne(name, shown, frame) {
    const of = (read) => shown.map(({ endpoints, seconds }) => read(endpoints.get(name), seconds));
    const requests = of((one, seconds) => (one?.requests ?? 0) / seconds);
    const errors = of((one, seconds) => (one?.errors ?? 0) / seconds);
    this.charts.requests.show({ ...frame, series: [{ name, slot: 0, values: requests }] });
    this.charts.errors.show({ ...frame, series: [{ name, slot: 0, values: errors }] });

    const { p95_target_ms: p95, p99_target_ms: p99 } = this.objectives.get(name) ?? {};
    const targets = [
      ['p95', p95],
      ['p99', p99],
    ]
      .filter(([, value]) => value)
      .map(([quantile, value]) => ({ name: `target of ${quantile}: ${milliseconds(value)}`, value }));
    const series = quantiles.map((key, slot) => ({
      name: key.slice(0, 3),
      slot,
      values: of((one) => one?.[key] ?? null),
    }));
    this.charts.latency.show({ ...frame, series, targets });
  }

  /** The busiest endpoints by name, and the others together: their requests added up, the slowest's latency. */
  #drawAll(shown, frame) {
    const totals = new Map();
    for (const { endpoints } of shown) {
      for (const [name, { requests }] of endpoints) totals.set(name, (totals.get(name) ?? 0) + requests);
    }
    const ranked = [...totals]
      .filter(([, requests]) => requests)
      .sort((a, b) => b[1] - a[1])
      .map(([name]) => name);
    const named = ranked.slice(0, busiest).sort();
    const rest = ranked.slice(busiest);
    const slots = this.slots.of(named);
    for (const [chart, read, join, note] of chartsOfAll) {
      const values = (names) =>
        shown.map(({ endpoints, seconds }) => {
          const there = names.filter((name) => endpoints.has(name)).map((name) => read(endpoints.get(name), seconds));
          return join(there.filter((value) => value !== null));
        });
      const series = named.map((name) => ({ name, slot: slots.get(name), values: values([name]) }));
      if (rest.length) series.push({ name: others, slot: 6, values: values(rest) });
      this.charts[chart].show({ ...frame, series, note });
    }
  }
}
