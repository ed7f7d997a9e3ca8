// Circuit breakers and rate limits: how they stand, and what an operator may do about it.
import { ask, pathOf } from './admin_api.js';
import { askFor, say } from './admin_dialog.js';
import { Keyed, Table, badge, button, byId, drawing, element, sayIn, setState, setText } from './admin_dom.js';
import { ago, count, duration, moment, percent } from './admin_format.js';
import { Feed, feedOf, reasonOf } from './admin_refresh.js';

const stateOf = { CLOSED: 'good', HALF_OPEN: 'warn', OPEN: 'bad' };
const words = { CLOSED: 'Closed', HALF_OPEN: 'Half open', OPEN: 'Open' };
const forces = [
  ['auto', 'Auto', 'The calls decide'],
  ['open', 'Hold open', 'Refuse all calls'],
  ['closed', 'Hold closed', 'Let all calls pass'],
];
const warnings = {
  open: 'What needs it is answered 503 until you press Auto.',
  closed: 'All calls pass, also while it fails, until you press Auto.',
};
const policies = ['all', 'health', 'contacts', 'jobs', 'files', 'downloads'];

function fact(name) {
  const value = element('dd');
  return { rows: [element('dt', {}, name), value], say: (text) => setText(value, text) };
}

export class Breakers {
  constructor({ changed, heard }) {
    const host = byId('breaker-list');
    this.cards = new Keyed(
      host,
      ({ name }) => name,
      (first) => this.#card(first),
    );
    this.changed = changed;
    sayIn(host, 'Loading…');
    const show = ({ data }) => {
      host.querySelector('.empty')?.remove();
      this.cards.show(data);
      heard(data);
    };
    const refused = (refusal) => {
      this.cards.show([]);
      sayIn(host, reasonOf(refusal));
    };
    this.feeds = [new Feed({ path: () => '/api/breakers', every: 1, show, refused })];
  }

  #card({ name }) {
    const state = badge('', '');
    const facts = ['Since', 'Failing', 'Tries again', 'Last error', 'Held'].map(fact);
    const buttons = forces.map(([value, text, title]) => button(text, () => this.#force(name, value), { title }));
    const node = element(
      'article',
      { class: 'card', 'aria-label': `Breaker ${name}` },
      element('h3', {}, name.replace('_', ' '), state),
      element('dl', {}, ...facts.flatMap(({ rows }) => rows)),
      element('div', { class: 'segments', role: 'group', 'aria-label': `Control of ${name}` }, ...buttons),
    );
    const update = (breaker) => {
      setText(state, words[breaker.state]);
      setState(state, stateOf[breaker.state]);
      const [since, failing, retry, error, held] = facts;
      since.say(`${moment(breaker.since)}, ${ago(breaker.since)}`);
      failing.say(`${percent(breaker.failure_rate, 1)} of the last calls`);
      retry.say(breaker.forced || !breaker.retry_at ? '–' : moment(breaker.retry_at));
      error.say(breaker.last_failure ? `${breaker.last_failure}, ${ago(breaker.last_failure_at)}` : 'none');
      held.say(breaker.forced ? `${breaker.forced}, by an operator` : 'no, the calls decide');
      buttons.forEach((one, n) => one.setAttribute('aria-pressed', forces[n][0] === (breaker.forced ?? 'auto')));
    };
    return { node, update };
  }

  #force(name, state) {
    const submit = async () => {
      await ask(pathOf('breakers', name), { method: 'PUT', body: { state } });
      say(state === 'auto' ? `The calls decide about ${name} again` : `${name} is held ${state}`);
      this.changed();
    };
    if (state === 'auto') submit().catch((error) => say(error.message));
    else
      askFor({ title: `Hold ${name} ${state}?`, text: warnings[state], action: `Hold ${state}`, danger: true, submit });
  }
}

/** What a row of `/api/limits` counts for; `reset` is the part of the request that forgets it. */
function subjectOf(row) {
  if (row.client) return { kind: 'client', name: row.client, of: ` of ${row.tenant}`, reset: { client: row.client } };
  if (row.tenant) return { kind: 'tenant', name: row.tenant, of: ', all its clients', reset: { tenant: row.tenant } };
  return { kind: 'address', name: row.address, of: '', reset: { address: row.address } };
}

/** Those that are refused something come first; the others stay where they are while their numbers change. */
const rowsOf = (rows) =>
  rows
    .map((row) => ({ ...row, ...subjectOf(row), isRefused: row.refused > 0 }))
    .sort((a, b) => b.isRefused - a.isRefused || compare(nameOf(a), nameOf(b)));
const nameOf = ({ kind, of, name, policy }) => `${kind} ${of} ${name} ${policy}`;
const compare = new Intl.Collator('en', { numeric: true }).compare;

function showUse(cell, { used, budget }) {
  if (!cell.firstChild) {
    const bar = drawing('rect', { height: 1 });
    cell.append(
      drawing('svg', { class: 'use', viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, bar),
      element('span'),
    );
  }
  const [svg, text] = cell.children;
  const part = budget ? Math.min(1, used / budget) : 0;
  svg.firstChild.setAttribute('width', part);
  setState(svg.firstChild, part === 1 ? 'bad' : part > 0.8 ? 'warn' : undefined);
  setText(text, `${count(used)} of ${budget ? count(budget) : 'unlimited'}`);
}

export class Limits {
  constructor({ changed }) {
    this.changed = changed;
    this.table = new Table(byId('limit-list'), {
      caption: '',
      key: nameOf,
      empty: 'Nobody has sent anything within the window.',
      columns: [
        { title: 'Who', text: ({ name }) => name },
        { title: 'Kind', text: ({ kind, of }) => kind + of },
        { title: 'Policy', text: ({ policy }) => policy },
        { title: 'Budget used', update: showUse },
        {
          title: 'Refused',
          number: true,
          text: ({ refused }) => count(refused),
          state: ({ refused }) => refused && 'bad',
        },
        { title: 'Resets in', number: true, text: ({ resets_in: seconds }) => duration(seconds) },
        { title: 'Action', make: (current) => this.#resetButton(current) },
      ],
    });
    const show = ({ window_seconds: seconds, clients, tenants, addresses }) => {
      setText(this.table.caption, `Counted in the last ${seconds} s; at most the hundred busiest of each kind`);
      this.table.show(rowsOf([...clients, ...tenants, ...addresses]));
    };
    this.feeds = [feedOf(this.table, { path: () => '/api/limits', every: 1, show })];
    byId('reset-limits').addEventListener('click', () => this.#askWhich());
  }

  #resetButton(current) {
    const { name, policy, reset } = current();
    return button('Reset', () => this.#reset({ ...reset, policy }).catch((error) => say(error.message)), {
      'aria-label': `Reset ${policy} of ${name}`,
      title: 'Forget what was counted: all of the budget is there again',
    });
  }

  async #reset(body) {
    await ask('/api/limits/reset', { method: 'POST', body });
    say(`Reset: ${body.policy ?? 'all policies'} of ${body.client ?? body.tenant ?? body.address ?? 'everybody'}`);
    this.changed();
  }

  #askWhich() {
    askFor({
      title: 'Reset the limits of everybody?',
      text: 'What was counted is forgotten: all clients, tenants and addresses have full budgets again.',
      fields: [{ name: 'policy', label: 'Policy', choices: policies }],
      action: 'Reset',
      danger: true,
      submit: (form) => this.#reset(form.get('policy') === 'all' ? {} : { policy: form.get('policy') }),
    });
  }
}
