// What each endpoint promises, and how it has done in a window of time.
import { Table, byId } from './admin_dom.js';
import { count, decimal, milliseconds, percent } from './admin_format.js';
import { feedOf } from './admin_refresh.js';

const against = (key) => ({
  text: ({ level, endpoint }) => {
    const value = level[`${key}_ms`];
    const target = endpoint[`${key}_target_ms`];
    return target ? `${decimal(value)} / ${milliseconds(target)}` : milliseconds(value);
  },
  state: ({ level, endpoint }) => level[`${key}_ms`] > (endpoint[`${key}_target_ms`] ?? Infinity) && 'bad',
});

export class Objectives {
  constructor({ heard }) {
    this.heard = heard;
    this.table = new Table(byId('objectives'), {
      caption: 'p95 and p99 beside their targets; the budget is of errors: what the availability target leaves',
      key: ({ endpoint }) => endpoint.endpoint,
      empty: 'No endpoint promises anything.',
      columns: [
        { title: 'Endpoint', path: true, text: ({ endpoint }) => endpoint.endpoint },
        { title: 'Requests', number: true, text: ({ level }) => count(level.requests) },
        {
          title: 'Errors',
          number: true,
          text: ({ level }) => count(level.errors),
          state: ({ level }) => level.errors && 'bad',
        },
        { title: 'p50', number: true, text: ({ level }) => milliseconds(level.p50_ms) },
        { title: 'p95', number: true, ...against('p95') },
        { title: 'p99', number: true, ...against('p99') },
        { title: 'Available', number: true, text: ({ level }) => percent(level.availability) },
        {
          title: 'Budget left',
          number: true,
          text: ({ level }) => percent(level.error_budget_remaining, 1),
          state: ({ level: { error_budget_remaining: left } }) => (left < 0 ? 'bad' : left < 0.25 ? 'warn' : ''),
        },
        {
          title: 'Burn rate',
          number: true,
          text: ({ level }) => decimal(level.burn_rate),
          state: ({ level }) => level.burn_rate > 1 && 'bad',
        },
      ],
    });
    this.feeds = [feedOf(this.table, { path: () => '/api/slo', every: 2, show: (report) => this.#take(report) })];
    byId('window').addEventListener('change', () => this.report && this.#take(this.report));
  }

  #take(report) {
    this.report = report;
    this.heard(report.endpoints);
    const wanted = byId('window').value;
    this.table.show(
      report.endpoints.map((endpoint) => ({
        endpoint,
        level: endpoint.windows.find(({ window }) => window === wanted),
      })),
    );
  }
}
