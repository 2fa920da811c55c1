/** BIP141: weight that a block may have, a byte outside the witness weighing four units. */
export const MAX_BLOCK_WEIGHT = 4_000_000;
