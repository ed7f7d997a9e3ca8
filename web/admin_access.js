// Tenants with their clients and tokens, and operators' tokens: made, suspended, revoked.
import { ask, pathOf } from './admin_api.js';
import { askFor, say, showToken } from './admin_dialog.js';
import { Keyed, Table, badge, button, byId, element, sayIn, setState, setText } from './admin_dom.js';
import { ago, bytes, count, moment } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

const seldom = 15;
const lifetime = {
  name: 'expires_in',
  label: 'Ends after',
  hint: 'As in 30d or 12h. Empty: it lasts until it is revoked.',
  pattern: '[0-9]+(ms|s|m|h|d)',
};
const label = { name: 'label', label: 'Label', hint: 'Who uses it, and where.' };

const isOver = ({ revoked_at: revoked, expires_at: end }) => Boolean(revoked || (end && Date.parse(end) <= Date.now()));
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
    Object.assign(this, { names, changed });
    const columns = [
      { title: 'Token', text: ({ id }) => id },
      ...(ofClients ? [{ title: 'Client', text: ({ client }) => client }] : []),
      { title: 'Label', text: (token) => token.label },
      { title: 'May', text: ({ scopes }) => scopes.join(', ') },
      { title: 'State', text: standingOf, state: (token) => isOver(token) && 'warn' },
      { title: 'Last used', text: ({ last_used_at: time }) => ago(time) },
      { title: 'Action', make: (current) => this.#revokeButton(current), update: this.#hideWhereOver },
    ];
    this.table = new Table(host, { caption, key: ({ id }) => id, empty: 'No tokens yet.', columns });
    this.feed = new Feed({
      path: () => pathOf(...names),
      every: seldom,
      show: ({ data }) => this.table.show(data),
      refused: (refusal) => this.table.say(reasonOf(refusal)),
    });
  }

  #revokeButton(current) {
    const { id } = current();
    const submit = async () => {
      await ask(pathOf(...this.names, id), { method: 'DELETE' });
      say(`${id} is revoked`);
      this.changed();
    };
    const text = `Whoever uses it is refused at once, for good. Its label: “${current().label || 'none'}”.`;
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
      showToken(made);
    };
    askFor({ title, fields: [...fields, label, lifetime], action: 'Make it', submit });
  }
}

class Tenant {
  constructor({ slug }, changed) {
    Object.assign(this, { slug, changed, clients: [] });
    this.name = element('strong');
    this.state = badge('', 'warn');
    this.numbers = element('span', { class: 'quiet' });
    this.suspend = button('', () => this.#suspend());
    const clientHost = element('div', {
      class: 'scroll',
      tabindex: '0',
      role: 'group',
      'aria-label': `Clients of ${slug}`,
    });
    const tokenHost = element('div', {
      class: 'scroll',
      tabindex: '0',
      role: 'group',
      'aria-label': `Tokens of ${slug}`,
    });
    this.clientTable = this.#clientTable(clientHost);
    const names = ['tenants', slug, 'tokens'];
    this.tokens = new Tokens(tokenHost, names, { caption: `Tokens of ${slug}`, changed, ofClients: true });
    const clientFeed = new Feed({
      path: () => pathOf('tenants', slug, 'clients'),
      every: seldom,
      show: ({ data }) => {
        this.clients = data;
        this.clientTable.show(data);
      },
      refused: (refusal) => this.clientTable.say(reasonOf(refusal)),
    });
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
        { title: 'Name', text: ({ name }) => name },
        {
          title: 'Is',
          text: ({ revoked }) => (revoked ? 'revoked' : 'good'),
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
    const text = 'Nobody but operators gets through to it until you resume it.';
    if (suspended) askFor({ title: `Suspend ${this.slug}?`, text, action: 'Suspend', danger: true, submit });
    else submit().catch((error) => say(error.message));
  }

  #newClient() {
    const submit = async (form) => {
      const { id } = await ask(pathOf('tenants', this.slug, 'clients'), { method: 'POST', body: filledIn(form) });
      say(`${id} is made; it needs a token`);
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
    askFor({ title: `New client of ${this.slug}`, fields, action: 'Make it', submit });
  }

  #newToken() {
    const choices = this.clients.filter(({ revoked }) => !revoked).map(({ id }) => id);
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
    const host = byId('tenant-list');
    const make = (first) => {
      const tenant = new Tenant(first, changed);
      return { node: tenant.node, update: (now) => tenant.update(now), tenant };
    };
    this.tenants = new Keyed(host, ({ slug }) => slug, make);
    this.changed = changed;
    sayIn(host, 'Loading…');
    const show = ({ data }) => {
      host.querySelector('.empty')?.remove();
      this.tenants.show(data);
      if (data.length === 0) sayIn(host, 'No tenants yet: make the first one.');
    };
    const refused = (refusal) => {
      this.tenants.show([]);
      sayIn(host, reasonOf(refusal));
    };
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
      say(`${slug} is made`);
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
    askFor({ title: 'New tenant', fields, action: 'Make it', submit });
  }

  #newOperatorToken() {
    const scopes = [
      ['admin', false],
      ['metrics', true],
    ];
    this.operators.make('New operator’s token', [{ name: 'scopes', label: 'It may', checks: scopes }]);
  }
}
