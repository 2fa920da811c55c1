/** What the faucet of a private network gives at a time, in satoshis: by themselves, for pages, which carry no schemas. */

/** 1,000 BTC. */
export const FAUCET_SATS_MAX = 100_000_000_000;
export const FAUCET_SATS_MIN = 1_000;
