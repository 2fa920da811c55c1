import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { holdsSecret, isSecretName } from "@bitfleet/api/secrets.ts";
import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import type { Call } from "./command-line.ts";

/** Calls that end something or cannot be taken back. */
const GRAVE: ReadonlySet<string> = new Set([
  "stop",
  "invalidateblock",
  "pruneblockchain",
  "loadtxoutset",
  "removeprunedfunds",
  "encryptwallet",
  "abandontransaction",
  "reverttosnapshot",
]);

/** Calls that spend, mine, cut or close. */
const NOTABLE: readonly RegExp[] = [
  /^send(toaddress|many|all|rawtransaction)?$/,
  /^(psbt)?bumpfee$/,
  /^submit(package|block)$/,
  /^generate/,
  /^(reconsider|precious)block$/,
  /^(setban|clearbanned|disconnectnode|setnetworkactive|addnode)$/,
  /^(un|re)?loadwallet$/,
  /^(restore|migrate)wallet$/,
  /^(importmempool|setmocktime|mockscheduler|prioritisetransaction|importdescriptors|importprunedfunds)$/,
  /^(setminer|holdminer|addconnection|addpeeraddress|sendmsgtopeer|submitheader)$/,
  /^(backupwallet|exportwatchonlywallet|walletpassphrasechange|setwalletflag|addhdkey)$/,
];

/** Whether a call is asked about before it is made, and how gravely. */
export function riskOf(method: string): "grave" | "notable" | undefined {
  if (GRAVE.has(method)) return "grave";
  return NOTABLE.some((form) => form.test(method)) ? "notable" : undefined;
}

/** Whether a line of this call may be kept: not where its method takes a passphrase or keys, or what is given looks like one. */
export function isKeepable({ method, params }: Call, methods: readonly RpcMethodView[]): boolean {
  const known = methods.find(({ name }) => name === method)?.params;
  // What it takes is not known then.
  if (known === undefined) return false;
  const { args, ...named } = Array.isArray(params) ? { args: params } : (params as Readonly<Record<string, JsonValue>>);
  const placed = Array.isArray(args) ? known.slice(0, args.length).map(({ name }) => name) : [];
  const names = [...placed, ...Object.keys(named), ...namesWithin(params)];
  return !names.some(isSecretName) && !textsWithin(params).some(holdsSecret);
}

/** Texts at any depth; names of fields are texts too. */
function textsWithin(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value) ? value.flatMap(textsWithin) : Object.entries(value).flatMap(textsWithin);
}

/** Names of fields at any depth. */
function namesWithin(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(namesWithin)];
}
