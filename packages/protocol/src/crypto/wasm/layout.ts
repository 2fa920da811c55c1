/** Where things lie in the memory of the hash module: known to its generator and to the code that calls it. */

/** Eight words: SHA-256's chaining state, and every function's digest. */
export const STATE_OFFSET = 0;

/** Four chaining states side by side (8 vectors), and four message blocks (16 vectors), of the four-lane SHA-256. */
export const LANE_STATE_OFFSET = 64;
export const LANE_MESSAGE_OFFSET = 192;

export const INPUT_OFFSET = 448;

/** Largest input of one call. Larger messages go through in pieces of this size, a multiple of the block size. */
export const INPUT_SIZE_MAX = 64 * 1024;

/** Room for the input, and behind it for the padding. */
export const MEMORY_PAGES = 2;
