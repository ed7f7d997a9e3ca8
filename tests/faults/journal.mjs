// What clients asked for and what they were told, so that a store can be held to it.

/**
 * Slots, each with one writer that changes it again and again; a value is anything that compares with ===, undefined: the
 * slot is empty. Of a change that nobody answered either outcome is right.
 */
export class Journal {
  #slots = new Map(); // key -> {value, unanswered: [value]}
  acknowledged = 0;

  asks(key, value) {
    if (!this.#slots.has(key)) this.#slots.set(key, { value: undefined, unanswered: [] });
    this.#slots.get(key).unanswered.push(value);
  }

  /** The last change of the slot was acknowledged. */
  told(key) {
    const slot = this.#slots.get(key);
    slot.value = slot.unanswered.at(-1);
    slot.unanswered = [];
    this.acknowledged += 1;
  }

  /** It was refused. */
  refused(key) {
    this.#slots.get(key).unanswered.pop();
  }

  value(key) {
    return this.#slots.get(key)?.value;
  }

  /** The slots that are not as somebody was told. What is found is what counts from here on. */
  lost(found) {
    const lost = [];
    for (const [key, slot] of this.#slots) {
      const actual = found.get(key);
      if (actual !== slot.value && !slot.unanswered.includes(actual)) {
        lost.push(`${key} is ${actual}, and ${slot.value} was acknowledged`);
      }
      slot.value = actual;
      slot.unanswered = [];
    }
    return lost;
  }
}
