// The page: signed in or out, and the panels that refresh.
import { Access } from './admin_access.js';
import { ask } from './admin_api.js';
import { say } from './admin_dialog.js';
import { byId, setText } from './admin_dom.js';
import { Errors } from './admin_errors.js';
import { duration, zone } from './admin_format.js';
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
    waiting: () => setText(byId('freshness'), 'Waiting…'),
    round(unreachable) {
      overview.reach(!unreachable);
      showRound(unreachable);
    },
  });
  return refresh;
}

let refresh;
let lastAnswer = performance.now();

/** How fresh the page is. The age is no part of the alert, or it would be read out every second. */
function showRound(unreachable) {
  const [line, age] = byId('offline').children;
  byId('offline').hidden = !unreachable;
  setText(line, unreachable ? `${unreachable.message}.` : '');
  if (!unreachable) lastAnswer = performance.now();
  setText(age, `What you see is ${duration((performance.now() - lastAnswer) / 1000)} old.`);
  setText(byId('freshness'), refresh.isPaused ? 'Paused' : unreachable ? 'Trying again' : 'Live');
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
    setText(byId('sign-in-error'), `${error.message.replace(/\.$/, '')}.${wait}`);
    secret.select();
  } finally {
    submit.disabled = false;
  }
}

async function signOut() {
  try {
    await ask('/api/session', { method: 'DELETE' });
  } catch (error) {
    if (error.status !== 401 && error.status !== 404) {
      say(`You are still signed in: ${error.message}`);
      return;
    }
  }
  showSignedOut('You are signed out.');
}

function pause() {
  const isPaused = !refresh.isPaused;
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
setText(byId('zone'), `Times are in this browser’s zone, ${zone}; the log has UTC.`);

const why = sessionStorage.getItem('why') ?? '';
sessionStorage.removeItem('why');
ask('/api/session').then(showSignedIn, (error) => showSignedOut(error.status === 401 ? why : error.message));
