// Who is signed in, and how to end that.
import { ask, pathOf } from './admin_api.js';
import { askFor, say } from './admin_dialog.js';
import { Table, button, byId } from './admin_dom.js';
import { ago, moment } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

export class Sessions {
  constructor({ changed }) {
    this.changed = changed;
    this.table = new Table(byId('session-list'), {
      caption: 'Who is signed in to this page',
      key: ({ id }) => id,
      empty: 'Nobody is signed in.',
      columns: [
        { title: 'Session', text: ({ id, current }) => (current ? `${id} (this one)` : id) },
        { title: 'With', text: ({ began_with: how, token }) => (how === 'token' ? `token ${token}` : how) },
        { title: 'From', text: ({ address }) => address },
        { title: 'Browser', class: 'wide', text: ({ user_agent: agent }) => agent || '–' },
        { title: 'Began', text: ({ created_at: time }) => moment(time) },
        { title: 'Last used', text: ({ last_used_at: time }) => ago(time) },
        { title: 'Ends', text: ({ expires_at: time }) => moment(time) },
        { title: 'Action', make: (current) => this.#endButton(current().id) },
      ],
    });
    this.feeds = [
      new Feed({
        path: () => '/api/sessions',
        every: 5,
        show: ({ data }) => this.table.show(data),
        refused: (refusal) => this.table.say(reasonOf(refusal)),
      }),
    ];
    byId('end-sessions').addEventListener('click', () => this.#endAll());
  }

  #endButton(id) {
    const end = () =>
      ask(pathOf('sessions', id), { method: 'DELETE' }).then(
        () => {
          say(`${id} has ended`);
          this.changed();
        },
        (error) => say(error.message),
      );
    return button('End', end, { 'aria-label': `End session ${id}` });
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
