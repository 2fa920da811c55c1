import { hostname } from "node:os";
import { isOpenChallenge } from "@bitfleet/protocol/consensus/signet.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { Chain } from "./chain/chain.ts";
import { systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import { ConfigError } from "./config/settings.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Mempool } from "./mempool/mempool.ts";
import { firstBlocksMaker } from "./mining/first-blocks.ts";
import { Generator } from "./mining/generate.ts";
import { HashPool } from "./mining/hash-pool.ts";
import { Miner } from "./mining/miner.ts";
import { minerIdOf } from "./mining/miner-roster.ts";
import { PeersFirst } from "./mining/peers-first.ts";
import { SignetSigner } from "./mining/signet-signer.ts";
import type { Clock, Logger } from "./ports.ts";
import { miningScriptOf } from "./start-own-wallet.ts";
import type { NodeWallets } from "./wallets/node-wallets.ts";

export interface MiningTools {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: Clock;
  readonly secp256k1: Secp256k1;
  readonly log: Logger;
  /** Where mined coins go without an address in the configuration. */
  readonly wallets: NodeWallets | undefined;
  /** Whether a peer has told of all headers that it has. */
  readonly hasHeardPeer: () => boolean;
  /** The bundled hash worker; the source file where absent. */
  readonly workerUrl: URL | undefined;
}

/** What makes blocks: when asked, and by itself as the configuration says (also not at all, until it is told to). */
export async function startMining(
  config: NodeConfig,
  lifecycle: Lifecycle,
  tools: MiningTools,
): Promise<{ readonly generator: Generator; readonly miner: Miner }> {
  const { chain, mempool, clock, secp256k1, log, workerUrl } = tools;
  const { pacing, intervalSeconds, address, threadCount, peerWaitSeconds, firstBlocksHeight } = config.mining;
  const script = address === undefined ? ownScript(tools.wallets) : scriptOfAddress(address, config);
  const lacksKey = lacksSignetKey(config, secp256k1);
  if (pacing !== "off" && lacksKey) throw new ConfigError("-mining on this signet needs its key: see -signetblockkey.");
  const search = await lifecycle.start(
    "hash workers",
    () => new HashPool({ threadCount, ...(workerUrl && { workerUrl }) }, { clock, log }),
    (pool) => pool.close(),
  );
  const { params } = config.network;
  const signer = config.signetKey && new SignetSigner(config.signetKey, { params, secp256k1 });
  const making = { chain, mempool, clock, random: systemRandom, signal: lifecycle.signal, search, signer, log };
  const generator = new Generator(config.blockTemplate, making);
  const id = minerIdOf(`${hostname()}:${config.networkDir}`);
  const miner = await lifecycle.start(
    "miner",
    () => {
      const options = { id, pacing, intervalMs: intervalSeconds * 1000, script, lacksKey };
      const peersFirst = new PeersFirst({ quietMsMax: peerWaitSeconds * 1000 }, tools);
      const mayBegin = (signal: AbortSignal) => peersFirst.wait(signal);
      const firstOptions = { height: firstBlocksHeight, intervalMs: options.intervalMs };
      const firstBlocks = firstBlocksMaker(firstOptions, { ...making, generator });
      const deps = { ...making, generator, mayBegin, firstBlocks };
      const made = new Miner(options, deps);
      made.start();
      return made;
    },
    (started) => started.stop(),
  );
  return { generator, miner };
}

/** Of the node's own wallet, where it has one: it may be told to mine later. */
function ownScript(wallets: NodeWallets | undefined): Uint8Array | undefined {
  return wallets?.own && miningScriptOf(wallets.own, wallets.config.addressType);
}

/** Whether blocks of the network have to be signed and the key for that is not here. */
function lacksSignetKey({ network, signetKey }: NodeConfig, secp256k1: Secp256k1): boolean {
  const { signetChallenge } = network.params;
  return signetChallenge !== undefined && signetKey === undefined && !isOpenChallenge(signetChallenge, secp256k1);
}

function scriptOfAddress(address: string, config: NodeConfig): Uint8Array {
  const decoded = decodeAddress(address, config.network.addressPrefixes);
  if ("error" in decoded) throw new ConfigError(`Invalid address '${address}' for -miningaddress: ${decoded.error}`);
  return decoded.script;
}
