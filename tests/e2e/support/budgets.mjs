const keys = ['DEFAULT', 'FILES', 'DOWNLOADS', 'AUTH_FAILURES'].map((key) => `PORTAL_RATE_LIMITS_${key}`);

/** The environment of a portal whose budgets no test uses up; what is counted is counted all the same. */
export const ample = Object.fromEntries(keys.map((key) => [key, '1000000000']));
/** The environment of a portal that counts no requests. */
export const unlimited = Object.fromEntries(keys.map((key) => [key, '0']));
/** The environment of a portal with the budgets of the contract. */
export const limited = Object.fromEntries([60, 120, 600, 30].map((budget, n) => [keys[n], String(budget)]));
/** The environment of a portal whose budgets nobody has set. */
export const defaults = Object.fromEntries(keys.map((key) => [key, undefined]));
