import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../ports.ts";
import { freePort } from "./free-port.ts";
import type { MiningKey } from "./mining-key.ts";
import { callPlain, type NamedTarget, type NetworkNode } from "./operations.ts";
import type { Payee } from "./payee.ts";
import type { PlannedNode } from "./topology.ts";

/** The wallet of a network, at its first miner: what is mined goes there, the faucet and `/api/wallet` pay from it. */

export const NETWORK_WALLET = "miner";

/**
 * What the first miner is started with. Twenty keys ahead, as far as most wallets look behind the last one used: the network mines to one
 * address, and each key is eight addresses to derive before the first start answers.
 */
export const NETWORK_WALLET_ARGUMENTS = [`-walletfile=${NETWORK_WALLET}`, "-keypool=20"] as const;

/** Where the first miner answers web servers about its wallet, and the key that they have there: both of one launch alone. */
export interface WalletApi {
  readonly port: number;
  readonly key: string;
}

const API_KEY_SIZE = 32;
/** The key of a long chain is looked for in all its blocks. */
const IMPORT_TIMEOUT_MS = 1_800_000;

/** Of a new launch; `undefined` without web servers, or without a wallet. */
export async function walletApiFor(
  plan: readonly PlannedNode[],
  { walletProblem }: Pick<Payee, "walletProblem">,
  random: Pick<Random, "bytes">,
): Promise<WalletApi | undefined> {
  if (walletProblem !== undefined || !plan.some(({ role }) => role === "webserver")) return undefined;
  return { port: await freePort(), key: toHex(random.bytes(API_KEY_SIZE)) };
}

/** The same node, asked about the network's wallet. */
export function inWallet<One extends NamedTarget>(node: One, name = NETWORK_WALLET): One {
  return { ...node, target: { ...node.target, path: `/wallet/${encodeURIComponent(name)}` } };
}

/** The address that the first miner mines to, of its wallet where it was told no other. Rejects where it does not answer. */
export async function minerAddressOf(node: NetworkNode): Promise<string> {
  const { address } = (await callPlain(node, "getminerinfo", [])) as { readonly address?: string };
  if (address === undefined) throw new Error(`${node.name} has no address to mine to.`);
  return address;
}

/** Whether the network's wallet has what is paid to the address. */
export async function isOfWallet(node: NetworkNode, address: string): Promise<boolean> {
  const { ismine } = (await callPlain(inWallet(node), "getaddressinfo", [address])) as { readonly ismine: boolean };
  return ismine;
}

/**
 * The key that a network of an earlier version mined to comes into its wallet, with all that was mined; nothing is done where it has come
 * already. Rejects with what the node says; never with the key.
 */
export async function importMiningKey(
  node: NetworkNode,
  { address, wif }: Pick<MiningKey, "address" | "wif">,
): Promise<void> {
  if (await isOfWallet(node, address)) return;
  const plain = `wpkh(${wif})`;
  const { checksum } = (await callPlain(node, "getdescriptorinfo", [plain])) as { readonly checksum: string };
  const request = { desc: `${plain}#${checksum}`, timestamp: 0, label: "mining" };
  const wallet = inWallet({ ...node, target: { ...node.target, timeoutMs: IMPORT_TIMEOUT_MS } });
  const [outcome] = (await callPlain(wallet, "importdescriptors", [[request]])) as {
    success: boolean;
    error?: { message: string };
  }[];
  if (outcome?.success) return;
  const why = outcome?.error?.message.replaceAll(wif, "…") ?? "no answer";
  throw new Error(`The mining key does not come into the wallet of ${node.name}: ${why}`);
}
