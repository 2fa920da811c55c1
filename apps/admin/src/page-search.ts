import type { RawSearch } from "@bitfleet/ui/page-search.ts";

/** A page number of the address bar, counted from 1. Anything that is none means the first page. */
export function pageSearch(search: RawSearch): { readonly page?: number } {
  const page = Number(search.page);
  return Number.isSafeInteger(page) && page > 1 ? { page } : {};
}

/** Which node's miner is looked at, by its name in the network, and over what its hash rate is drawn. */
export function miningSearch(search: RawSearch): { readonly node?: string; readonly chart?: "time" } {
  const { node, chart } = search;
  return {
    ...(typeof node === "string" && /^[a-z]+-[0-9]{1,4}$/.test(node) && { node }),
    ...(chart === "time" && { chart }),
  };
}

const FIND_LENGTH_MAX = 100;

/** Which metrics are looked for. */
export function healthSearch(search: RawSearch): { readonly find?: string } {
  // Digits alone come as a number.
  const find = typeof search.find === "string" || typeof search.find === "number" ? String(search.find) : "";
  return find !== "" && find.length <= FIND_LENGTH_MAX ? { find } : {};
}

/** Which transaction of a wallet is looked at. */
export function walletSearch(search: RawSearch): { readonly tx?: string } {
  return typeof search.tx === "string" && /^[0-9a-f]{64}$/.test(search.tx) ? { tx: search.tx } : {};
}

const WALLET_NAME_MAX = 100;

/** Which method of JSON-RPC is open, and which wallet calls are about. */
export function consoleSearch(search: RawSearch): { readonly method?: string; readonly wallet?: string } {
  const { method, wallet } = search;
  return {
    ...(typeof method === "string" && /^[a-z0-9]{1,64}$/.test(method) && { method }),
    ...(typeof wallet === "string" && wallet.length <= WALLET_NAME_MAX && wallet !== "" && { wallet }),
  };
}

/** Which input's scripts are stepped through, and at which step: `?input=0&step=5`. */
export function traceSearch(search: RawSearch): { readonly input?: number; readonly step?: number } {
  const input = indexIn(search.input);
  if (input === undefined) return {};
  const step = indexIn(search.step) ?? 0;
  return step > 0 ? { input, step } : { input };
}

/** More than any transaction has inputs, and any trace steps. */
const INDEX_MAX = 1_000_000;

function indexIn(value: unknown): number | undefined {
  const index = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 && index <= INDEX_MAX ? index : undefined;
}
