// Who is signed in, and how to end that.
import { ask, pathOf } from './admin_api.js';
import { askFor, say } from './admin_dialog.js';
import { Table, button, byId } from './admin_dom.js';
import { ago, moment } from './admin_format.js';
import { feedOf } from './admin_refresh.js';

const browsers = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' };
const systems = { iP: 'iOS', Android: 'Android', 'Mac OS': 'macOS', Windows: 'Windows', Linux: 'Linux' };

/** What a user agent means, the first that it names: they name their ancestors too. All of it is in the cell's title. */
function browserOf(agent) {
  const first = (names) => Object.entries(names).find(([part]) => agent.includes(part))?.[1];
  const browser = first(browsers);
  return browser ? [browser, first(systems)].filter(Boolean).join(' on ') : agent.slice(0, 24) || '–';
}

export class Sessions {
  constructor({ changed }) {
    this.changed = changed;
    this.table = new Table(byId('session-list'), {
      caption: 'Who is signed in to this page; a session ends when it says, unless it is used',
      key: ({ id }) => id,
      empty: 'Nobody is signed in.',
      columns: [
        { title: 'Session', class: 'short', text: ({ id, current }) => (current ? `${id} (this one)` : id) },
        { title: 'With', text: ({ began_with: how, token }) => token ?? how },
        { title: 'From', text: ({ address }) => address },
        {
          title: 'Browser',
          text: ({ user_agent: agent }) => browserOf(agent),
          update: (cell, { user_agent: agent }) => (cell.title = agent),
        },
        { title: 'Began', text: ({ created_at: time }) => moment(time) },
        { title: 'Last used', text: ({ last_used_at: time }) => ago(time) },
        { title: 'Ends', text: ({ expires_at: time }) => moment(time) },
        { title: 'Action', make: (current) => this.#endButton(current()) },
      ],
    });
    this.feeds = [feedOf(this.table, { path: () => '/api/sessions', every: 5 })];
    byId('end-sessions').addEventListener('click', () => this.#endAll());
  }

  #endButton({ id, current }) {
    const submit = async () => {
      await ask(pathOf('sessions', id), { method: 'DELETE' });
      say(`${id} has ended`);
      this.changed();
    };
    const who = current ? 'You are signed out of this page.' : 'Whoever uses it has to sign in again.';
    const end = () => askFor({ title: `End ${id}?`, text: who, action: 'End', danger: true, submit });
    return button('End…', end, { class: 'danger', 'aria-label': `End session ${id}…` });
  }

  #endAll() {
    const submit = async () => {
      await ask('/api/sessions', { method: 'DELETE' });
      this.changed();
    };
    const text = 'Every session ends, this one too. Tokens and the password stay as they are.';
    askFor({ title: 'Sign out everywhere?', text, action: 'Sign out everywhere', danger: true, submit });
  }
}
