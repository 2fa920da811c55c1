/** BIP141. */
export const MAX_BLOCK_WEIGHT = 4_000_000;
