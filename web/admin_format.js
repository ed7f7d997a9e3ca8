// Numbers and times as people read them. What is unknown is a dash.
import { portalTime } from './admin_clock.js';

const dash = '–';
const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);
const plural = (n, unit) => `${n} ${unit}${n === 1 ? '' : 's'}`;

export function count(value) {
  return known(value) ? value.toLocaleString('en') : dash;
}

/** A rate or a ratio with as many digits as say something. */
export function decimal(value, digits = 3) {
  if (!known(value)) return dash;
  if (value === 0) return '0';
  return Math.abs(value) >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(digits)));
}

export function milliseconds(value) {
  if (!known(value)) return dash;
  return value >= 10_000 ? `${decimal(value / 1000)} s` : `${decimal(value)} ms`;
}

export function percent(value, digits = 3) {
  return known(value) ? `${(100 * value).toFixed(digits).replace(/\.?0+$/, '')} %` : dash;
}

export function bytes(value) {
  if (!known(value)) return dash;
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const step = value < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${decimal(value / 1024 ** step)} ${units[step]}`;
}

/** The two largest units: `3 days 4 h`. */
export function duration(seconds) {
  if (!known(seconds)) return dash;
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${plural(Math.floor(s / 86_400), 'day')} ${Math.floor((s % 86_400) / 3600)} h`;
}

// Swedish dates are those of the log: 2026-01-31 and 24 hours, so that nobody takes a month for a day.
const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' });
const hour = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });
export const zone = hour.resolvedOptions().timeZone;

/** A time of the JSON in the reader's own zone. */
export function moment(text) {
  if (!text) return dash;
  const time = Date.parse(text);
  const isToday = day.format(time) === day.format(portalTime());
  return isToday ? hour.format(time) : `${day.format(time)} ${hour.format(time)}`;
}

export const clock = (unixSeconds) => hour.format(unixSeconds * 1000);

export const secondsSince = (text) => (portalTime() - Date.parse(text)) / 1000;
export const ago = (text) => (text ? `${duration(secondsSince(text))} ago` : 'never');
