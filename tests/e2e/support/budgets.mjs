/** The environment of a portal that counts no requests, for tests that send more of them than any client may. */
export const unlimited = Object.fromEntries(
  ['DEFAULT', 'FILES', 'DOWNLOADS', 'AUTH_FAILURES'].map((key) => [`PORTAL_RATE_LIMITS_${key}`, '0']),
);
