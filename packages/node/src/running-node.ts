import type { Chain } from "./chain/chain.ts";
import type { ScriptPool } from "./chain/script-pool.ts";
import type { NodeConfig } from "./config/config.ts";
import type { AddressBook } from "./indexes/address-book.ts";
import type { NodeIndexes } from "./indexes/node-indexes.ts";
import type { NodeFees } from "./mempool/fee-advice.ts";
import type { Mempool } from "./mempool/mempool.ts";
import type { MempoolKeeper } from "./mempool/mempool-keeper.ts";
import type { Generator } from "./mining/generate.ts";
import type { Miner } from "./mining/miner.ts";
import type { P2pNode } from "./p2p/p2p-node.ts";
import type { Clock, Logger } from "./ports.ts";
import type { ListenAddress } from "./server/listen-address.ts";
import type { SignatureBackend } from "./signature-backend.ts";
import type { NodeWallets } from "./wallets/node-wallets.ts";

/** A node that answers and follows its chain. It ends through the lifecycle it was started with. */
export interface RunningNode {
  readonly config: NodeConfig;
  readonly chain: Chain;
  readonly indexes: NodeIndexes;
  /** Answers for addresses, with `-addressindex`. */
  readonly addresses: AddressBook | undefined;
  readonly mempool: Mempool;
  readonly fees: NodeFees;
  readonly mempoolKeeper: MempoolKeeper;
  readonly p2p: P2pNode;
  /** Absent with `-disablewallet`. */
  readonly wallets: NodeWallets | undefined;
  readonly generator: Generator;
  readonly miner: Miner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rpcAddresses: readonly ListenAddress[];
  readonly webAddress: ListenAddress | undefined;
  readonly secp256k1: SignatureBackend;
  /** The threads that check scripts. */
  readonly scripts: ScriptPool;
}
