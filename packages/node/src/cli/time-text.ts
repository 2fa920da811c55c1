import type { TimeChange } from "../server/network-control.ts";

/** Times as people write them on a command line. */

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `+2h` and `-30m` (of s, m, h, d, w) from the time that holds, `@1900000000` or `2030-01-01T00:00:00Z`, or `reset`. Throws `Error`. */
export function parseTimeChange(text: string): TimeChange {
  if (text === "reset") return "real";
  const offset = /^([+-])(\d{1,9})([smhdw])$/.exec(text);
  if (offset !== null) {
    const [, sign, count, unit] = offset;
    return { offsetSeconds: (sign === "-" ? -1 : 1) * Number(count) * SECONDS_OF[unit!]! };
  }
  const seconds = /^@\d{1,10}$/.test(text) ? Number(text.slice(1)) : Date.parse(text) / 1000;
  if (Number.isNaN(seconds) || text === "")
    throw new Error(`+2h, -30m, 2030-01-01T00:00:00Z, @1900000000 or reset is expected, not '${text}'.`);
  return { seconds: Math.floor(seconds) };
}
