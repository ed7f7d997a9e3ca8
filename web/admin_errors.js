// The last answers with status 500 and above.
import { Table, byId } from './admin_dom.js';
import { moment } from './admin_format.js';
import { feedOf } from './admin_refresh.js';

export class Errors {
  constructor() {
    const table = new Table(byId('error-list'), {
      caption: 'The last 200 answers with status 500 and above, the newest first',
      key: ({ time, method, route, trace_id: trace }) => `${time} ${method} ${route} ${trace}`,
      empty: 'None. Nothing has failed since the portal started.',
      columns: [
        { title: 'When', class: 'short', text: ({ time }) => moment(time) },
        { title: 'Route', text: ({ method, route }) => `${method} ${route}` },
        { title: 'Status', number: true, text: ({ status }) => String(status), state: () => 'bad' },
        { title: 'Code', text: ({ code }) => code },
        { title: 'What', class: 'wide', text: ({ detail }) => detail },
        { title: 'Trace id', text: ({ trace_id: trace }) => trace },
      ],
    });
    this.feeds = [feedOf(table, { path: () => '/api/errors', every: 2 })];
  }
}
