// Tenants with their clients and tokens, and operators' tokens: made, suspended, revoked.
import { ask, pathOf } from './admin_api.js';
import { askFor, say, showToken } from './admin_dialog.js';
import { Keyed, Table, badge, button, byId, element, sayIn, scroller, setState, setText } from './admin_dom.js';
import { portalTime } from './admin_clock.js';
import { ago, bytes, count, moment } from './admin_format.js';
import { Feed, feedOf, reasonOf } from './admin_refresh.js';

const seldom = 15;
const lifetime = {
  name: 'expires_in',
  label: 'Ends after',
  hint: 'As in 30d or 12h. Empty: it lasts until it is revoked.',
  pattern: '[0-9]+(ms|s|m|h|d)',
};
const label = { name: 'label', label: 'Label', hint: 'Who uses it, and where.' };

const isOver = ({ revoked_at: revoked, expires_at: end }) =>
  Boolean(revoked || (end && Date.parse(end) <= portalTime()));
function standingOf(token) {
  if (token.revoked_at) return `revoked ${ago(token.revoked_at)}`;
  if (!token.expires_at) return 'active';
  return isOver(token) ? `expired ${ago(token.expires_at)}` : `active until ${moment(token.expires_at)}`;
}

/** What a form has been filled in with: without what was left empty. */
function filledIn(form, lists = []) {
  const body = {};
  for (const [name, value] of form) {
    if (lists.includes(name)) body[name] = form.getAll(name);
    else if (value) body[name] = value;
  }
  return body;
}

class Tokens {
  /** `names` is where they are kept: `['tokens']`, or `['tenants', slug, 'tokens']`. */
  constructor(host, names, { caption, changed, ofClients }) {
    Object.assign(this, { names, changed, ofClients });
    const columns = [
      { title: 'Token', class: 'short', text: ({ id }) => id },
      ...(ofClients ? [{ title: 'Client', class: 'wide', text: ({ client }) => client }] : []),
      { title: 'Label', class: 'wide', text: (token) => token.label },
      { title: 'Scopes', text: ({ scopes }) => scopes.join(', ') },
      { title: 'State', text: standingOf, state: (token) => isOver(token) && 'warn' },
      { title: 'Last used', text: ({ last_used_at: time }) => ago(time) },
      { title: 'Action', make: (current) => this.#revokeButton(current), update: this.#hideWhereOver },
    ];
    this.table = new Table(host, { caption, key: ({ id }) => id, empty: 'No tokens yet.', columns });
    const show = ({ data }) => this.table.show(data.sort((a, b) => isOver(a) - isOver(b)));
    this.feed = feedOf(this.table, { path: () => pathOf(...names), every: seldom, show });
  }

  #revokeButton(current) {
    const { id } = current();
    const submit = async () => {
      await ask(pathOf(...this.names, id), { method: 'DELETE' });
      say(`${id} is revoked`);
      this.changed();
    };
    const more = this.ofClients ? '' : ', and the sessions that it began end';
    const text = `Whoever uses it is refused at once, for good${more}. Its label: “${current().label || 'none'}”.`;
    const revoke = () => askFor({ title: `Revoke ${id}?`, text, action: 'Revoke', danger: true, submit });
    return button('Revoke…', revoke, { class: 'danger', 'aria-label': `Revoke ${id}…` });
  }

  #hideWhereOver(cell, token) {
    cell.firstChild.hidden = Boolean(token.revoked_at);
  }

  make(title, fields) {
    const submit = async (form) => {
      const made = await ask(pathOf(...this.names), { method: 'POST', body: filledIn(form, ['scopes']) });
      this.changed();
      return () => showToken(made);
    };
    askFor({ title, fields: [...fields, label, lifetime], action: 'Create token', submit });
  }
}

class Tenant {
  constructor({ slug }, changed) {
    Object.assign(this, { slug, changed, clients: [] });
    this.name = element('strong');
    this.state = badge('', 'warn');
    this.numbers = element('span', { class: 'quiet' });
    this.suspend = button('', () => this.#suspend());
    const clientHost = scroller(`Clients of ${slug}`);
    const tokenHost = scroller(`Tokens of ${slug}`);
    this.clientTable = this.#clientTable(clientHost);
    const names = ['tenants', slug, 'tokens'];
    this.tokens = new Tokens(tokenHost, names, { caption: `Tokens of ${slug}`, changed, ofClients: true });
    const show = ({ data }) => {
      this.clients = data;
      this.clientTable.show(data.sort((a, b) => a.revoked - b.revoked));
    };
    const path = () => pathOf('tenants', slug, 'clients');
    const clientFeed = feedOf(this.clientTable, { path, every: seldom, show });
    this.feeds = [clientFeed, this.tokens.feed];
    const buttons = [
      button('New client…', () => this.#newClient()),
      button('New token…', () => this.#newToken()),
      this.suspend,
    ];
    this.node = element(
      'details',
      { class: 'tenant' },
      element('summary', {}, this.name, element('code', {}, slug), this.state, this.numbers),
      element('div', { class: 'buttons' }, ...buttons),
      clientHost,
      tokenHost,
    );
    this.node.addEventListener('toggle', () => this.node.open && changed());
  }

  update(tenant) {
    this.tenant = tenant;
    setText(this.name, tenant.name);
    setText(this.state, tenant.suspended ? 'Suspended' : '');
    this.state.hidden = !tenant.suspended;
    const { contacts, jobs, blob_bytes: stored, quota_bytes: quota } = tenant;
    const room = quota === null ? '' : ` of ${bytes(quota)}`;
    setText(this.numbers, `${count(contacts)} contacts, ${count(jobs)} jobs, ${bytes(stored)}${room} of files`);
    setText(this.suspend, tenant.suspended ? 'Resume' : 'Suspend…');
    this.suspend.className = tenant.suspended ? '' : 'danger';
  }

  #clientTable(host) {
    return new Table(host, {
      caption: `Clients of ${this.slug}`,
      key: ({ id }) => id,
      empty: 'No clients yet.',
      columns: [
        { title: 'Client', text: ({ id }) => id },
        { title: 'Name', class: 'wide', text: ({ name }) => name },
        {
          title: 'State',
          text: ({ revoked }) => (revoked ? 'revoked' : 'active'),
          state: ({ revoked }) => revoked && 'warn',
        },
        { title: 'Since', text: ({ created_at: time }) => moment(time) },
        {
          title: 'Action',
          make: (current) => this.#revokeButton(current().id),
          update: (cell, { revoked }) => (cell.firstChild.hidden = revoked),
        },
      ],
    });
  }

  #revokeButton(id) {
    const submit = async () => {
      await ask(pathOf('tenants', this.slug, 'clients', id), { method: 'PATCH', body: { revoked: true } });
      say(`${id} is revoked`);
      this.changed();
    };
    const text = 'Its tokens and its signed URLs end at once, for good.';
    const revoke = () => askFor({ title: `Revoke ${id}?`, text, action: 'Revoke', danger: true, submit });
    return button('Revoke…', revoke, { class: 'danger', 'aria-label': `Revoke ${id}…` });
  }

  #suspend() {
    const suspended = !this.tenant.suspended;
    const submit = async () => {
      await ask(pathOf('tenants', this.slug), { method: 'PATCH', body: { suspended } });
      say(`${this.slug} is ${suspended ? 'suspended' : 'let in again'}`);
      this.changed();
    };
    const text = 'Its clients and its signed URLs are refused until you resume it. Nothing is deleted.';
    if (suspended) askFor({ title: `Suspend ${this.slug}?`, text, action: 'Suspend', danger: true, submit });
    else submit().catch((error) => say(error.message));
  }

  #newClient() {
    const submit = async (form) => {
      const { id } = await ask(pathOf('tenants', this.slug, 'clients'), { method: 'POST', body: filledIn(form) });
      say(`${id} is created; it needs a token`);
      this.changed();
    };
    const fields = [
      {
        name: 'id',
        label: 'Id',
        hint: 'Letters, digits, _ . and -.',
        required: true,
        pattern: '[A-Za-z0-9_.\\-]{1,64}',
      },
      { name: 'name', label: 'Name', hint: 'Empty: the id.' },
    ];
    askFor({ title: `New client of ${this.slug}`, fields, action: 'Create client', submit });
  }

  #newToken() {
    const choices = this.clients.filter(({ revoked }) => !revoked).map(({ id }) => id);
    if (choices.length === 0) {
      say(`A token is a client's: create a client of ${this.slug} first`);
      return;
    }
    const scopes = [
      ['read', true],
      ['write', false],
    ];
    this.tokens.make(`New token of ${this.slug}`, [
      { name: 'client', label: 'Client', choices, required: true },
      { name: 'scopes', label: 'It may', checks: scopes },
    ]);
  }
}

export class Access {
  constructor({ changed }) {
    const host = element('div');
    const note = element('div');
    byId('tenant-list').append(note, host);
    const make = (first) => {
      const tenant = new Tenant(first, changed);
      return { node: tenant.node, update: (now) => tenant.update(now), tenant };
    };
    this.tenants = new Keyed(host, ({ slug }) => slug, make);
    this.changed = changed;
    const tell = (text) => {
      note.hidden = !text;
      host.hidden = Boolean(text);
      sayIn(note, text);
    };
    tell('Loading…');
    const show = ({ data }) => {
      this.tenants.show(data);
      tell(data.length === 0 ? 'No tenants yet: create the first one.' : '');
    };
    const refused = (refusal) => tell(reasonOf(refusal)); // what is unfolded stays so for when it is back
    this.list = new Feed({ path: () => '/api/tenants', every: seldom, show, refused });
    this.operators = new Tokens(byId('operator-tokens'), ['tokens'], {
      caption: 'Tokens of this page and of monitors',
      changed,
    });
    byId('new-tenant').addEventListener('click', () => this.#newTenant());
    byId('new-operator-token').addEventListener('click', () => this.#newOperatorToken());
  }

  /** Of tenants, only what is unfolded. */
  get feeds() {
    const open = [...this.tenants.parts.values()].filter(({ node }) => node.open);
    return [this.list, this.operators.feed, ...open.flatMap(({ tenant }) => tenant.feeds)];
  }

  #newTenant() {
    const submit = async (form) => {
      const { slug } = await ask('/api/tenants', { method: 'POST', body: filledIn(form) });
      say(`${slug} is created`);
      this.changed();
    };
    const fields = [
      {
        name: 'slug',
        label: 'Short name',
        hint: 'Small letters, digits and -.',
        required: true,
        pattern: '[a-z0-9]([a-z0-9\\-]{0,38}[a-z0-9])?',
      },
      { name: 'name', label: 'Name', hint: 'Empty: the short name.' },
    ];
    askFor({ title: 'New tenant', fields, action: 'Create tenant', submit });
  }

  #newOperatorToken() {
    const scopes = [
      ['admin', false],
      ['metrics', true],
    ];
    this.operators.make('New operator’s token', [{ name: 'scopes', label: 'It may', checks: scopes }]);
  }
}
