// A chart of lines over time in SVG, with a legend that reads what is under the pointer, and a table of the same numbers.
import { Table, drawing, element, scroller, setText } from './admin_dom.js';
import { clock } from './admin_format.js';

const height = 176;
const margin = { top: 8, right: 4, bottom: 20, left: 58 };
const tableRows = 15;

/** The least of 1, 2, 2.5 and 5 times a power of ten that is not below `value`. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

/** One path; a value that is missing leaves a gap, and one alone is a dot. */
function pathOf(times, values, x, y) {
  let path = '';
  let isDrawing = false;
  for (let i = 0; i < times.length; i += 1) {
    if (values[i] === null) {
      isDrawing = false;
      continue;
    }
    path += `${isDrawing ? 'L' : 'M'}${x(times[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
    if (!isDrawing && (values[i + 1] ?? null) === null) path += 'h.1';
    isDrawing = true;
  }
  return path;
}

const combine = {
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max: (values) => Math.max(...values),
};

export class Chart {
  /** `format(value)` writes a value; `fold` (mean or max) is what a row of the table says of its seconds. */
  constructor(host, { title, format, fold, least }) {
    Object.assign(this, { title, format, fold, least });
    this.heading = element('span', {}, title);
    this.reading = element('span', { class: 'quiet number' });
    this.svg = drawing('svg', { role: 'img', 'aria-label': title });
    this.legend = element('ul', { class: 'legend' });
    this.tableHost = scroller(`${title}, table`);
    this.details = element('details', {}, element('summary', {}, 'Table'), this.tableHost);
    host.append(
      element(
        'figure',
        { class: 'chart' },
        element('h3', {}, this.heading, this.reading),
        this.svg,
        this.legend,
        this.details,
      ),
    );
    this.details.addEventListener('toggle', () => this.#draw());
    this.svg.addEventListener('pointermove', (event) => this.#point(event.offsetX));
    this.svg.addEventListener('pointerleave', () => this.#point(undefined));
    new ResizeObserver(() => this.#draw()).observe(this.svg);
  }

  /**
   * `series` are `{name, slot, values}` with a value or null for each of `times` (unix seconds, ascending); `targets`
   * are `{name, value}`. `span` is in seconds and ends at `end`. `note` says more of all values.
   */
  show(data) {
    this.data = data;
    this.#draw();
  }

  #draw() {
    if (!this.data) return;
    const { series, targets, times, span, end, note = '' } = this.data;
    setText(this.heading, `${this.title}${note}`);
    const width = Math.max(160, this.svg.clientWidth);
    const largest = Math.max(
      this.least,
      ...targets.map(({ value }) => value),
      ...series.flatMap(({ values }) => values),
    );
    const top = roundedUp(largest);
    const x = (time) => margin.left + ((time - end + span) / span) * (width - margin.left - margin.right);
    const y = (value) => height - margin.bottom - (value / top) * (height - margin.top - margin.bottom);
    this.scale = { x, width };

    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren(
      ...[0, 0.5, 1].flatMap((part) => this.#line(part * top, y, width)),
      ...[1, 0.5, 0].map((part) => this.#time(end - part * span, x, part)),
      ...targets.map(({ value }) =>
        drawing('path', { class: 'target', d: `M${margin.left} ${y(value)}H${width - margin.right}` }),
      ),
      ...series.map(({ slot, values }) =>
        drawing('path', { class: `series s${slot}`, d: pathOf(times, values, x, y) }),
      ),
    );
    if (series.length === 0) this.svg.append(drawing('text', { x: margin.left + 8, y: y(top / 4) }, 'No requests yet'));
    this.#name(series, targets);
    this.#point(this.pointer);
    if (this.details.open) this.#tabulate();
  }

  #line(value, y, width) {
    return [
      drawing('path', { class: 'grid', d: `M${margin.left} ${y(value)}H${width - margin.right}` }),
      drawing('text', { x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, this.format(value)),
    ];
  }

  #time(time, x, part) {
    const anchor = { 1: 'start', 0.5: 'middle', 0: 'end' }[part];
    return drawing('text', { x: x(time), y: height - 5, 'text-anchor': anchor }, clock(time));
  }

  #name(series, targets) {
    const names = [
      ...series.map(({ name, slot }) => `${slot} ${name}`),
      ...targets.map(({ name }) => `target ${name}`),
    ];
    if (this.named === names.join('\n')) return;
    this.named = names.join('\n');
    this.values = series.map(() => element('strong', { class: 'number' }));
    this.legend.replaceChildren(
      ...series.map(({ name, slot }, n) =>
        element('li', {}, element('span', { class: `key s${slot}` }), element('span', {}, name), ' ', this.values[n]),
      ),
      ...targets.map(({ name }) => element('li', { class: 'quiet' }, `┄ ${name}`)),
    );
    this.table = undefined; // its columns have changed
  }

  /** Writes the values under the pointer, or the last ones, into the legend. */
  #point(pixel) {
    this.pointer = pixel;
    if (!this.data) return;
    const { series, times } = this.data;
    this.svg.querySelector('.cursor')?.remove();
    let at = times.length - 1;
    if (pixel !== undefined && at >= 0) {
      const { x } = this.scale;
      const distance = (i) => Math.abs(x(times[i]) - pixel);
      for (let i = 0; i < times.length; i += 1) if (distance(i) < distance(at)) at = i;
      const d = `M${x(times[at])} ${margin.top}V${height - margin.bottom}`;
      this.svg.append(drawing('path', { class: 'cursor', d }));
    }
    setText(this.reading, pixel === undefined || at < 0 ? '' : clock(times[at]));
    series.forEach(({ values }, n) => setText(this.values[n], this.format(values[at])));
  }

  #tabulate() {
    const { series, times, span, end } = this.data;
    const step = span / tableRows;
    this.table ??= new Table(this.tableHost, {
      caption: `${this.title}: ${this.fold === 'mean' ? 'mean' : 'highest'} of each ${step} seconds`,
      key: ({ time }) => time,
      empty: 'Nothing was measured in this time.',
      columns: [
        { title: 'From', text: ({ time }) => clock(time) },
        ...series.map(({ name }, n) => ({ title: name, number: true, text: ({ values }) => values[n] })),
      ],
    });
    const rows = new Map();
    times.forEach((time, i) => {
      const from = Math.floor(time / step) * step;
      if (time > end - span) rows.set(from, [...(rows.get(from) ?? []), i]);
    });
    const cell = (values, indexes) => {
      const there = indexes.map((i) => values[i]).filter((value) => value !== null);
      return there.length ? this.format(combine[this.fold](there)) : '–';
    };
    this.table.show(
      [...rows]
        .reverse()
        .map(([time, indexes]) => ({ time, values: series.map(({ values }) => cell(values, indexes)) })),
    );
  }
}
