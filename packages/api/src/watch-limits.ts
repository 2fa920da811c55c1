/** What requests of the routes below `/api/v1/watch` may ask for. By itself, so that a page need not carry their schemas. */

/** Descriptors and addresses of a request. */
export const WATCH_DESCRIPTORS_MAX = 20;
export const WATCH_ADDRESSES_MAX = 100;
/** Characters of a descriptor: a multisig of fifteen keys with origins has 2,400. */
export const DESCRIPTOR_LENGTH_MAX = 3_000;
/** Scripts that a request may stand for. */
export const WATCH_SCRIPTS_MAX = 2_000;
/** Addresses in a row without any use, behind which nobody looks further (BIP44). */
export const GAP_DEFAULT = 20;
export const GAP_MAX = 200;
/** BIP32: the last index that is not hardened. */
export const DESCRIPTOR_INDEX_MAX = 2 ** 31 - 1;
