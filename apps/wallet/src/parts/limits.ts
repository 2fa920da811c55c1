/** What is gathered from codes of several parts at most: cameras see codes of anybody. */

/** Parts of one message, not counting those that UR mixes: as many as BBQr can number. */
export const PARTS_MAX = 1_295;
/** Characters of one part: as many as the largest QR code holds of capitals and digits. */
export const PART_LENGTH_MAX = 4_296;
/** Bytes of what the parts make together, also unpacked: more than anybody would film, and as a text no more than the patterns that know what it is can bear. */
export const WHOLE_BYTES_MAX = 1_000_000;
/** Without a new part for so long, the next one begins anew. */
export const PARTS_REST_MS = 10 * 60_000;
