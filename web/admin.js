// The page: signed in or out, and the panels that refresh.
import { Access } from './admin_access.js';
import { ask } from './admin_api.js';
import { byId, setText } from './admin_dom.js';
import { Errors } from './admin_errors.js';
import { duration } from './admin_format.js';
import { Breakers, Limits } from './admin_guards.js';
import { Objectives } from './admin_objectives.js';
import { Overview } from './admin_overview.js';
import { Refresh } from './admin_refresh.js';
import { Sessions } from './admin_sessions.js';
import { Traffic } from './admin_traffic.js';

const names = { token: 'Token', password: 'Password' };

function build() {
  const changed = () => refresh.now();
  const overview = new Overview();
  const traffic = new Traffic();
  const panels = [
    overview,
    traffic,
    new Objectives({ heard: (endpoints) => traffic.hear(endpoints) }),
    new Breakers({ changed, heard: (breakers) => overview.hear(breakers) }),
    new Limits({ changed }),
    new Errors(),
    new Access({ changed }),
    new Sessions({ changed }),
  ];
  const refresh = new Refresh(panels, {
    signedOut: () => showSignedOut('You were signed out.'),
    round: showRound,
  });
  return refresh;
}

let refresh;
let lastAnswer = Date.now();

function showRound(unreachable) {
  const line = byId('offline');
  line.hidden = !unreachable;
  if (!unreachable) lastAnswer = Date.now();
  else setText(line, `${unreachable.message}. What you see is ${duration((Date.now() - lastAnswer) / 1000)} old.`);
  setText(byId('freshness'), byId('pause').ariaPressed === 'true' ? 'Paused' : unreachable ? 'Trying again' : 'Live');
}

function showSignedIn() {
  byId('signed-out').hidden = true;
  byId('signed-in').hidden = false;
  refresh ??= build();
  refresh.start();
}

/** What others may not see does not stay behind: it is not even in the document any more. */
function showSignedOut(why = '') {
  refresh?.stop();
  if (refresh) {
    sessionStorage.setItem('why', why);
    location.reload();
    return;
  }
  byId('signed-in').hidden = true;
  byId('signed-out').hidden = false;
  setText(byId('sign-in-error'), why);
  byId('secret').focus();
}

async function signIn(event) {
  event.preventDefault();
  const secret = byId('secret');
  const submit = event.target.querySelector('[type=submit]');
  submit.disabled = true;
  setText(byId('sign-in-error'), '');
  try {
    const kind = new FormData(event.target).get('kind');
    await ask('/api/session', {
      method: 'POST',
      body: { [kind]: kind === 'token' ? secret.value.trim() : secret.value },
    });
    secret.value = '';
    showSignedIn();
  } catch (error) {
    const wait = error.retryAfter ? ` Try again in ${duration(Number(error.retryAfter))}.` : '';
    setText(byId('sign-in-error'), `${error.message}.${wait}`.replace('..', '.'));
    secret.select();
  } finally {
    submit.disabled = false;
  }
}

async function signOut() {
  await ask('/api/session', { method: 'DELETE' }).catch(() => {});
  showSignedOut('You are signed out.');
}

function pause() {
  const isPaused = byId('pause').ariaPressed !== 'true';
  byId('pause').ariaPressed = String(isPaused);
  setText(byId('pause'), isPaused ? 'Go on' : 'Pause');
  setText(byId('freshness'), isPaused ? 'Paused' : 'Live');
  refresh.pause(isPaused);
}

byId('sign-in').addEventListener('submit', signIn);
byId('sign-in').addEventListener('change', () => {
  const kind = new FormData(byId('sign-in')).get('kind');
  setText(byId('secret-name'), names[kind]);
});
byId('sign-out').addEventListener('click', signOut);
byId('pause').addEventListener('click', pause);

const why = sessionStorage.getItem('why') ?? '';
sessionStorage.removeItem('why');
ask('/api/session').then(showSignedIn, (error) => showSignedOut(error.status === 401 ? why : error.message));
