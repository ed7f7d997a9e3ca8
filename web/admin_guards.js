// Circuit breakers and rate limits: how they stand, and what an operator may do about it.
import { ask, pathOf } from './admin_api.js';
import { askFor, say } from './admin_dialog.js';
import { Keyed, Table, badge, button, byId, element, sayIn, setState, setText } from './admin_dom.js';
import { ago, count, duration, moment, percent } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

const stateOf = { CLOSED: 'good', HALF_OPEN: 'warn', OPEN: 'bad' };
const words = { CLOSED: 'Closed', HALF_OPEN: 'Half open', OPEN: 'Open' };
const forces = [
  ['auto', 'Auto', 'The calls decide'],
  ['open', 'Hold open', 'Refuse all calls'],
  ['closed', 'Hold closed', 'Let all calls pass'],
];
const warnings = {
  open: 'What needs it is answered 503 until you let go.',
  closed: 'All calls pass, also while it fails, until you let go.',
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
  if (row.client) return { kind: 'client', name: row.client, of: row.tenant, reset: { client: row.client } };
  if (row.tenant) return { kind: 'tenant', name: row.tenant, of: 'all its clients', reset: { tenant: row.tenant } };
  return { kind: 'address', name: row.address, of: '', reset: undefined };
}
const rowsOf = (rows) =>
  rows
    .map((row) => ({ ...row, ...subjectOf(row) }))
    .sort((a, b) => `${a.kind} ${a.name} ${a.policy}`.localeCompare(`${b.kind} ${b.name} ${b.policy}`));

function showUse(cell, { name, policy, used, budget }) {
  if (!cell.firstChild) cell.append(element('meter', { min: 0 }), element('span'));
  const [meter, text] = cell.children;
  meter.setAttribute('aria-label', `Used by ${name} of ${policy}`);
  Object.assign(meter, {
    max: budget || 1,
    high: budget * 0.9,
    low: budget * 0.7,
    optimum: 0,
    value: budget ? used : 0,
  });
  setText(text, `${count(used)} of ${budget ? count(budget) : 'unlimited'}`);
}

export class Limits {
  constructor({ changed }) {
    this.changed = changed;
    this.table = new Table(byId('limit-list'), {
      caption: 'Requests counted within the window, by who sent them',
      key: ({ kind, name, of, policy }) => `${kind} ${of} ${name} ${policy}`,
      empty: 'Nobody has sent anything within the window.',
      columns: [
        { title: 'Who', text: ({ name }) => name },
        { title: 'Which is', text: ({ kind, of }) => (of ? `${kind}, ${of}` : kind) },
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
    const show = ({ clients, tenants, addresses }) => this.table.show(rowsOf([...clients, ...tenants, ...addresses]));
    const refused = (refusal) => this.table.say(reasonOf(refusal));
    this.feeds = [new Feed({ path: () => '/api/limits', every: 1, show, refused })];
    byId('reset-limits').addEventListener('click', () => this.#askWhich());
  }

  #resetButton(current) {
    const { name, policy, reset } = current();
    if (!reset) return element('span', { class: 'quiet' }, 'with all');
    return button('Reset', () => this.#reset({ ...reset, policy }).catch((error) => say(error.message)), {
      'aria-label': `Reset ${policy} of ${name}`,
    });
  }

  async #reset(body) {
    await ask('/api/limits/reset', { method: 'POST', body });
    say(`Forgotten: ${body.policy ?? 'all policies'} of ${body.client ?? body.tenant ?? 'everybody'}`);
    this.changed();
  }

  #askWhich() {
    askFor({
      title: 'Forget what was counted of everybody?',
      text: 'All clients, tenants and addresses start with full budgets.',
      fields: [{ name: 'policy', label: 'Policy', choices: policies }],
      action: 'Reset',
      danger: true,
      submit: (form) => this.#reset(form.get('policy') === 'all' ? {} : { policy: form.get('policy') }),
    });
  }
}
