// The last answers with status 500 and above.
import { Table, byId } from './admin_dom.js';
import { moment } from './admin_format.js';
import { Feed, reasonOf } from './admin_refresh.js';

export class Errors {
  constructor() {
    const table = new Table(byId('error-list'), {
      caption: 'The last 200 answers with status 500 and above, the newest first',
      key: ({ time, trace_id: trace }) => `${time} ${trace}`,
      empty: 'None. Nothing has failed since the portal started.',
      columns: [
        { title: 'When', text: ({ time }) => moment(time) },
        { title: 'Route', text: ({ method, route }) => `${method} ${route}` },
        { title: 'Status', number: true, text: ({ status }) => String(status), state: () => 'bad' },
        { title: 'Code', text: ({ code }) => code },
        { title: 'What', class: 'wide', text: ({ detail }) => detail },
        { title: 'Trace id', text: ({ trace_id: trace }) => trace },
      ],
    });
    this.feeds = [
      new Feed({
        path: () => '/api/errors',
        every: 2,
        show: ({ data }) => table.show(data),
        refused: (refusal) => table.say(reasonOf(refusal)),
      }),
    ];
  }
}
