import { type JsonValue, parseJson } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import type { InjectOptions } from "fastify";
import {
  GENESIS,
  KEY_SCRIPT,
  mineMany,
  NETWORK,
  PRIVATE_KEY,
  padded,
  rewardOf,
  spend,
  spendableOf,
} from "../../packages/node/src/chain/test-kit.ts";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ADMIN_KEY, openRestTestNode, type RestTestNode } from "../../packages/node/src/server/rest/rest-test-kit.ts";
import { callHandler } from "../../packages/node/src/server/rest/rpc-bridge.ts";
import { spendingChain } from "../../packages/node/src/server/test-kit.ts";
import { FakeNetwork } from "./fake-network.ts";

/** What the contract tests have the routes answer from: a node with blocks, a mempool and a peer, and some that lack something. */

export const WALLET_KEY = "fedcba9876543210fedcba9876543210fedcba9876543210";
export const SECRET_PASSPHRASE = "correct horse battery staple";
export const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** What the blocks of the chain pay to. */
export const OWN_ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
export const OWN_DESCRIPTOR = `wpkh(${toHex(portableSecp256k1.publicKeyOf(PRIVATE_KEY, true))})`;
export const NO_HASH = "11".repeat(32);

const TIPS = spendingChain();
export const TIP_HASH = displayHash(TIPS.at(-1)!.block.hash);
/** In the chain, with all that it makes spent by the next. */
export const CONFIRMED = TIPS.at(-1)!.block.transactions[1]!;
export const CONFIRMED_TXID = displayHash(CONFIRMED.txid);

/** In the chain, with outputs that are not spent. */
export const UNSPENT_TXID = displayHash(TIPS.at(-1)!.block.transactions.at(-1)!.txid);

/** Rewards of the first blocks are mature, and the chain spends none of them. */
const rewardAt = (height: number) => rewardOf(TIPS[height - 1]!);
const waiting = spend([rewardAt(1)], { fee: 5000n, outputCount: 2 });
const unsent = spend([rewardAt(2)], { fee: 5000n, outputCount: 2 });
const unsentChild = spend([spendableOf(unsent)], { fee: 9000n });
const broke = spend([rewardAt(3)], { fee: -1000n });
export const WAITING_TXID = displayHash(waiting.txid);
export const UNSENT_HEX = toHex(unsent.bytes);
export const UNSENT_CHILD_HEX = toHex(unsentChild.bytes);
/** Spends more than there is. */
export const REFUSED_HEX = toHex(broke.bytes);

export interface World {
  readonly rest: RestTestNode;
  readonly network: FakeNetwork;
  /** Port of another node. */
  readonly peerPort: number;
  close(): Promise<void>;
}

/** Keys of both roles. */
export const KEYS = [
  { role: "admin", key: ADMIN_KEY },
  { role: "wallet", key: WALLET_KEY },
] as const;

export async function openWorld(): Promise<World> {
  const peerPort = await freePort();
  const network = new FakeNetwork();
  const rest = await openRestTestNode({ tips: TIPS, network, app: { keys: KEYS }, hasWallets: true });
  const other = await openRestTestNode({ hasIndexes: false, p2pPort: peerPort });
  const { kind } = await rest.node.mempool.accept(waiting);
  if (kind !== "accepted") throw new Error("the mempool of the test does not take its transaction");
  await openWallets(rest);
  return {
    rest,
    network,
    peerPort,
    close: async () => {
      await rest.close();
      await other.close();
    },
  };
}

/** The node's own wallet, which has what its blocks pay; one without anything, one that only watches, and one with a passphrase. */
async function openWallets({ wallets, state }: RestTestNode): Promise<void> {
  const { manager } = wallets!;
  const { wallet: own } = await manager.create({ name: "main" });
  await manager.create({ name: "shop" });
  await manager.create({ name: "watch", disablesPrivateKeys: true });
  await manager.create({ name: "secret", passphrase: SECRET_PASSPHRASE });
  Object.assign(wallets!, { own });
  const wif = encodeWif({ privateKey: PRIVATE_KEY, compressed: true }, NETWORK.addressPrefixes);
  const requests = parseJson(
    JSON.stringify([{ desc: withChecksum(`wpkh(${wif})`), timestamp: 0 }]),
  ) as readonly JsonValue[];
  const [answer] = (await callHandler(state.node!.handlers, "importdescriptors", { requests }, { wallet: "main" })) as {
    success: boolean;
  }[];
  if (answer?.success !== true) throw new Error("the wallet of the test does not take its key");
}

/** Of a node that has no keys at all. */
export const openKeylessNode = () => openRestTestNode({ hasIndexes: false, app: { keys: [] } });

/** Without indexes. */
export const openBareNode = () => openRestTestNode({ hasIndexes: false });

/** Whose chain refuses each block that is made. */
export async function openRefusingNode(): Promise<RestTestNode> {
  const rest = await openRestTestNode({ hasIndexes: false });
  Object.assign(rest.node.generator, { generate: async () => ({ reason: "time-too-old", step: "test" }) });
  return rest;
}

/** The first blocks are pruned. */
export async function openPrunedNode(): Promise<RestTestNode> {
  const large = mineMany(GENESIS, 60, { spoil: padded });
  const tips = [...large, ...mineMany(large.at(-1)!, 288)];
  const chainOptions = {
    network: regtestNetwork({ fastPrune: true }),
    fastPrune: true,
    prune: { kind: "manual" },
  } as const;
  const rest = await openRestTestNode({ tips, hasIndexes: false, chainOptions });
  await rest.node.chain.startPruning();
  const { error } = await rest.node.call("pruneblockchain", [50]);
  if (error !== null) throw new Error(error.message);
  return rest;
}

/** A request with a key and JSON. */
export function keyed(method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object): InjectOptions {
  return { method, url, headers: { "x-api-key": ADMIN_KEY }, ...(body && { payload: body }) };
}
