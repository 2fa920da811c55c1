/** Where things lie in the memory of the mining modules: known to their generator and to the code that calls them. */

/** The 80 bytes of a block header; the nonce in them is not looked at. */
export const HEADER_OFFSET = 0;

/** Eight words: SHA-256's state behind the first 64 bytes of the header. */
export const MIDSTATE_OFFSET = 80;

/** Three words of the message behind them: the end of the merkle root, time and bits. */
export const TAIL_OFFSET = 112;

/** Not zero where the search ended at a candidate. */
export const FOUND_OFFSET = 124;

/** The nonce behind the last that was tried. */
export const NEXT_NONCE_OFFSET = 128;

export const MINING_MEMORY_PAGES = 1;
