// The portal's clock: how long ago something was there does not depend on how well this machine's clock goes.

const precision = 2000; // the header has whole seconds, and an answer takes its time

let ahead = 0; // milliseconds, of this machine's clock

/** Learns from an answer's `Date`. */
export function compareClocks(date) {
  const seen = Date.parse(date) - Date.now();
  if (Math.abs(seen - ahead) > precision) ahead = seen;
}

/** The portal's time, in unix milliseconds. */
export const portalTime = () => Date.now() + ahead;
