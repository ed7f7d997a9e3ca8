// Asks for what the page shows, a round a second, while somebody looks: not while paused, and not in a hidden tab.
import { Refusal, ask } from './admin_api.js';

const period = 1000;
const respite = 5; // seconds until what was refused is asked for again: each refusal is an error in the portal's list
const late = 2000;

/** Something to ask for again and again. `path()` is asked every so many seconds. */
export class Feed {
  constructor({ path, every, show, refused }) {
    Object.assign(this, { path, every, show, refused, due: 0 });
  }
}

/** Why there is nothing to show, in words. */
export function reasonOf({ status, message }) {
  return status === 404 ? 'Not available in this version of the portal.' : message;
}

/** What a table shows, or says why it cannot. */
export function feedOf(table, { path, every, show = ({ data }) => table.show(data) }) {
  return new Feed({ path, every, show, refused: (refusal) => table.say(reasonOf(refusal)) });
}

export class Refresh {
  /**
   * Every panel has `feeds`. `signedOut()` is called where the session has ended, `round(error)` after each round, with
   * the Refusal where the portal was not reached, `waiting()` while a round takes long. There is one round at a time.
   */
  constructor(panels, { signedOut, round, waiting }) {
    Object.assign(this, { panels, signedOut, round, waiting, isStarted: false, isPaused: false });
    document.addEventListener('visibilitychange', () => this.#go());
  }

  start() {
    this.isStarted = true;
    this.now();
  }
  stop() {
    this.isStarted = false;
    clearTimeout(this.timer);
  }
  pause(isPaused) {
    this.isPaused = isPaused;
    this.#go();
  }

  /** Everything, at once, also while paused: something was changed. */
  now() {
    for (const feed of this.#feeds()) feed.due = 0;
    this.#run();
  }

  #feeds() {
    return this.panels.flatMap((panel) => [...panel.feeds]);
  }

  #go() {
    clearTimeout(this.timer);
    if (this.isStarted && !this.isPaused && !document.hidden) this.#run();
  }

  async #run() {
    if (this.running) {
      this.isAskedAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = true;
    const began = performance.now();
    const due = this.#feeds().filter((feed) => feed.due <= began);
    const waiting = setTimeout(this.waiting, late);
    const refusals = (await Promise.all(due.map((feed) => this.#ask(feed, began)))).filter(Boolean);
    clearTimeout(waiting);
    this.running = false;
    if (!this.isStarted) return;
    if (refusals.some(({ status }) => status === 401)) {
      this.signedOut();
      return;
    }
    this.round(refusals.find(({ status }) => status === 0));
    if (this.isAskedAgain) {
      this.isAskedAgain = false;
      this.#run();
    } else if (!this.isPaused && !document.hidden) {
      this.timer = setTimeout(() => this.#run(), Math.max(100, period - (performance.now() - began)));
    }
  }

  /** A Refusal, or nothing. What was shown stays where the portal is not reached. */
  async #ask(feed, began) {
    const due = began + feed.every * period - period / 2;
    feed.due = due;
    try {
      const answer = await ask(feed.path());
      if (this.isStarted) feed.show(answer);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        console.error(error);
        feed.refused(new Refusal(-1, 'This page cannot show what the portal has answered.'));
        return undefined;
      }
      if (error.status !== 0 && error.status !== 401) {
        if (feed.due === due) feed.due = Math.max(due, began + respite * period); // else something was changed meanwhile
        feed.refused(error);
      }
      return error;
    }
    return undefined;
  }
}
