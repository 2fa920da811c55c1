import type { WalletUtxo } from "@bitfleet/api/rest/wallet-payments.ts";

/** What was chosen, by name; the wallet chooses where it is empty. */
export type ChosenCoins = ReadonlyMap<string, WalletUtxo>;

export const coinName = ({ txid, vout }: Pick<WalletUtxo, "txid" | "vout">) => `${txid}:${vout}`;
/** In satoshis. */
export const worthOf = (coins: ChosenCoins) => [...coins.values()].reduce((sum, { value }) => sum + value, 0);
