// The control plane's documented JSON (`/api/openapi.json`), asked with the session's cookie.
import { compareClocks } from './admin_clock.js';

const patience = 10_000;

/** Why there is no answer. `status` 0: the portal was not reached. */
export class Refusal extends Error {
  constructor(status, detail, { code = '', retryAfter = '', traceId = '' } = {}) {
    super(detail);
    Object.assign(this, { status, code, retryAfter, traceId });
  }
}

/** A proxy in between may answer with something else than problem details. */
function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function refusalOf(answer, text) {
  const problem = problemOf(text);
  const named = (problem.errors ?? []).map(({ parameter, detail }) => `${parameter}: ${detail}`);
  const detail = [problem.detail ?? `The portal answered ${answer.status}`, ...named].join(' · ');
  return new Refusal(answer.status, detail, {
    code: problem.code,
    traceId: problem.traceId,
    retryAfter: answer.headers.get('Retry-After') ?? '',
  });
}

/** The answer's JSON, or null where it has none; a Refusal is thrown. A body is sent as JSON. */
export async function ask(path, { method = 'GET', body } = {}) {
  const request = { method, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(patience) };
  if (method !== 'GET') request.headers = { 'Content-Type': 'application/json' };
  if (body !== undefined) request.body = JSON.stringify(body);
  let answer;
  let text;
  try {
    answer = await fetch(path, request);
    text = await answer.text();
  } catch {
    throw new Refusal(0, 'The portal does not answer');
  }
  compareClocks(answer.headers.get('Date'));
  if (!answer.ok) throw refusalOf(answer, text);
  return text ? JSON.parse(text) : null;
}

/** `/api/tenants/{slug}/…`, whatever characters the names have. */
export const pathOf = (...names) => `/api/${names.map(encodeURIComponent).join('/')}`;
