// Questions before something changes, forms, and the one look at a new token. All of them are <dialog>, which keeps the
// focus inside, gives it back, and closes on Escape but for the last.
import { button, byId, element, setText } from './admin_dom.js';

let lastTitle = 0;

function open(title, ...content) {
  const id = `dialog-${(lastTitle += 1)}`;
  const dialog = element('dialog', { 'aria-labelledby': id }, element('h2', { id }, title), ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const fieldOf = ({ name, label, hint, choices, ...attributes }) => {
  const control = choices
    ? element('select', { name, ...attributes }, ...choices.map((value) => element('option', { value }, value)))
    : element('input', { name, autocomplete: 'off', spellcheck: 'false', ...attributes });
  return element('label', { class: 'field' }, element('span', {}, label), control, element('small', {}, hint ?? ''));
};

const choiceOf = ({ name, label, checks }) =>
  element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, label),
    ...checks.map(([value, checked]) =>
      element('label', {}, element('input', { type: 'checkbox', name, value, checked }), ` ${value}`),
    ),
  );

/**
 * Asks, with fields or without, and runs `submit(FormData)`. What it throws is shown and the dialog stays, so that
 * nothing typed is lost. What it returns is called when the dialog has gone and the focus is back.
 */
export function askFor({ title, text, fields = [], action, danger = false, submit }) {
  const problem = element('p', { class: 'problem', role: 'alert' });
  const go = element('button', { type: 'submit', class: danger ? 'main danger' : 'main' }, action);
  const form = element(
    'form',
    { method: 'dialog' },
    ...fields.map((field) => (field.checks ? choiceOf(field) : fieldOf(field))),
    problem,
    element(
      'div',
      { class: 'buttons' },
      button('Cancel', () => dialog.close()),
      go,
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    setText(problem, '');
    try {
      const next = await submit(new FormData(form));
      dialog.close();
      next?.();
    } catch (error) {
      if (dialog.open) setText(problem, error.message);
      else say(error.message);
    } finally {
      go.disabled = false;
    }
  });
  const dialog = open(title, ...(text ? [element('p', {}, text)] : []), form);
}

/** The only look at a token that there is. */
export function showToken({ id, token }) {
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(token); // there is no clipboard over plain HTTP, but for this machine
      setText(copy, 'Copied');
    } catch {
      setText(copy, 'Select and copy it');
    }
  });
  const dialog = open(
    `Token ${id}`,
    element('p', {}, 'Copy it now: it is not kept, and is never shown again.'),
    element('code', { class: 'secret' }, token),
    element(
      'div',
      { class: 'buttons' },
      copy,
      button('Done', () => dialog.close(), { class: 'main' }),
    ),
  );
  dialog.addEventListener('cancel', (event) => event.preventDefault()); // a stray Escape would cost the token
}

/** A short word that disappears again and that screen readers say. */
export function say(text) {
  const line = byId('said');
  setText(line, text);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => setText(line, ''), 5000);
}
