// How the portal is, why, and what an operator asks for first.
import { byId, element, badge, setState, setText } from './admin_dom.js';
import { ago, bytes, count, duration, moment, percent, secondsSince } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

const day = 86_400;
const worst = { good: 'Healthy', warn: 'Degraded', bad: 'Unhealthy', lost: 'No answer' };

/** What is wrong, in sentences, and how bad all of it is. */
function findingsOf(status, breakers, refusal) {
  const bad = [];
  if (status && !status.ready) bad.push(...status.reasons);
  if (refusal && refusal.code !== 'CIRCUIT_OPEN') bad.push(refusal.message);
  const warn = breakers
    .filter(({ state }) => state !== 'CLOSED')
    .map(({ name, state, forced, since, last_failure: failure }) => {
      const why = forced ? `held ${forced} by an operator` : failure || 'it is being tried again';
      return `Breaker ${name} is ${state === 'OPEN' ? 'open' : 'half open'} since ${moment(since)}: ${why}`;
    });
  return { all: [...bad, ...warn], state: bad.length ? 'bad' : warn.length ? 'warn' : 'good' };
}

function headlineOf(findings) {
  if (findings.length === 0) return 'Ready, all breakers closed';
  return findings.length === 1 ? findings[0] : `${findings[0]}, and ${findings.length - 1} more`;
}

function backupFact(last) {
  if (!last) return { text: 'none yet', state: 'warn' };
  const good = last.last_good_at ? `last good one ${ago(last.last_good_at)}` : 'none was good yet';
  if (last.result !== 'ok') return { text: `failed ${ago(last.at)}`, more: `${last.reason}; ${good}`, state: 'bad' };
  return { text: ago(last.at), more: `${bytes(last.bytes)}, ${moment(last.at)}` };
}

function certificateFact(certificate) {
  if (!certificate) return { text: 'none', more: 'plain HTTP' };
  const left = -secondsSince(certificate.ends_at);
  const state = left < 7 * day ? 'bad' : left < 30 * day ? 'warn' : undefined;
  return {
    text: left > 0 ? `${duration(left)} left` : 'has ended',
    more: `ends ${moment(certificate.ends_at)}`,
    state,
  };
}

function diskFact({ portal_disk_free_bytes: free, portal_disk_size_bytes: size }) {
  if (free === undefined) return { text: '–' };
  const part = free / size;
  return {
    text: `${bytes(free)} free`,
    more: `${percent(part, 1)} of ${bytes(size)}`,
    state: part < 0.05 ? 'bad' : part < 0.15 ? 'warn' : undefined,
  };
}

/** The metrics of a single number, by name. */
const sizesOf = ({ families }) =>
  Object.fromEntries(
    families.filter(({ samples }) => samples.length === 1).map(({ name, samples: [one] }) => [name, one.value]),
  );

const facts = {
  Version: ({ status }) => ({ text: status.version, more: `commit ${status.commit}` }),
  Uptime: ({ status }) => ({ text: duration(status.uptime_seconds), more: `since ${moment(status.started_at)}` }),
  Certificate: ({ status }) => certificateFact(status.certificate),
  'Last backup': ({ status }) => backupFact(status.last_backup),
  Disk: ({ sizes }) => diskFact(sizes),
  Database: ({ sizes }) => ({ text: bytes(sizes.portal_database_bytes) }),
  'Write-ahead log': ({ sizes }) => ({ text: bytes(sizes.portal_wal_bytes) }),
  Files: ({ sizes }) => ({ text: bytes(sizes.portal_blob_bytes) }),
  Connections: ({ status: { data_plane: plane } }) => ({
    text: `${count(plane.open)} open`,
    more: `${count(plane.accepted)} accepted`,
  }),
  Tenants: ({ status: { tenants } }) => ({
    text: count(tenants?.count),
    more: tenants ? `${count(tenants.contacts)} contacts, ${count(tenants.jobs)} jobs` : '',
  }),
};

class Fact {
  constructor(host, name) {
    this.text = element('span');
    this.more = element('small');
    this.value = element('dd', {}, this.text, this.more);
    host.append(element('div', {}, element('dt', {}, name), this.value));
  }

  show({ text, more = '', state }) {
    setText(this.text, text);
    setText(this.more, more);
    setState(this.value, state);
  }
}

export class Overview {
  constructor() {
    this.sizes = {};
    this.breakers = [];
    this.isReached = true;
    this.badge = badge('Loading', 'loading');
    this.headline = element('span', { class: 'quiet' });
    byId('health').replaceChildren(this.badge, ' ', this.headline);
    const host = byId('facts');
    host.replaceChildren();
    this.facts = Object.keys(facts).map((name) => [new Fact(host, name), facts[name]]);
    for (const [fact] of this.facts) fact.show({ text: '…' });
    this.feeds = [
      new Feed({
        path: () => '/api/status',
        every: 1,
        show: (status) => this.#show({ status, refusal: undefined }),
        refused: (refusal) => this.#show({ refusal }),
      }),
      new Feed({
        path: () => '/api/metrics',
        every: 10,
        show: (families) => this.#show({ sizes: sizesOf(families) }),
        refused() {}, // sizes change slowly: the last known ones say more than none
      }),
    ];
  }

  /** The breakers, as their own panel has heard of them. */
  hear(breakers) {
    this.#show({ breakers });
  }

  /** Whether the last round had answers: what was good then may not be so any more. */
  reach(isReached) {
    if (isReached !== this.isReached) this.#show({ isReached });
  }

  #show(news) {
    Object.assign(this, news);
    if (!this.status && !this.refusal) return;
    const { all, state } = findingsOf(this.status, this.breakers, this.refusal);
    const shown = this.isReached ? state : 'lost';
    setText(this.badge, worst[shown]);
    setState(this.badge, shown);
    setText(this.headline, this.isReached ? headlineOf(all) : '');
    document.title = shown === 'good' ? 'Portal API' : `${worst[shown]} · Portal API`;
    this.#explain(all, state);
    if (this.status) for (const [fact, read] of this.facts) fact.show(read(this));
  }

  #explain(all, state) {
    const text = all.join('\n');
    if (this.explained === text) return;
    this.explained = text;
    const list = element('ul', { 'data-state': state }, ...all.map((one) => element('li', {}, one)));
    byId('why').replaceChildren(...(all.length ? [list] : []));
  }
}
