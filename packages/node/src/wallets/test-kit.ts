import { join } from "node:path";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Chain } from "../chain/chain.ts";
import {
  type ManualClock,
  type MemoryLog,
  type MineOptions,
  mine,
  NETWORK,
  openTestChain,
  type Tip,
} from "../chain/test-kit.ts";
import { systemRandom } from "../clock.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { newReceiveAddress } from "./wallet-addresses.ts";
import { WalletManager, type WalletManagerOptions } from "./wallet-manager.ts";

/** A chain, a mempool and wallets over real files. */
export interface TestWallets {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly manager: WalletManager;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  /** Names of the wallets that are to be loaded at the next start. */
  readonly startup: Set<string>;
  close(): Promise<void>;
}

/** Passphrases that cost next to nothing. */
const CHEAP_KDF = { n: 1024, r: 8, p: 1 };

export async function openTestWallets(
  dataPath: string,
  options: Partial<WalletManagerOptions> = {},
  onTransaction: ConstructorParameters<typeof WalletManager>[1]["onTransaction"] = () => {},
): Promise<TestWallets> {
  const { chain, clock, log } = await openTestChain(dataPath);
  const mempool = openTestMempool(chain, clock, log);
  const startup = new Set<string>();
  const manager = new WalletManager(
    {
      directory: join(dataPath, "wallets"),
      networkMagic: 1,
      allowsOtherChains: false,
      clientVersion: 1,
      passphraseScope: "secrets",
      keypoolSize: 10,
      spendsUnconfirmedChange: true,
      loadWarnings: [],
      ...options,
    },
    {
      ...{ chain, mempool, clock, log, onTransaction, random: systemRandom, kdfCost: CHEAP_KDF },
      scheduler: clock,
      filterIndex: undefined,
      startupList: {
        add: (name) => startup.add(name) !== undefined,
        remove: (name) => startup.delete(name) || true,
      },
      secp256k1: portableSecp256k1,
      prefixes: NETWORK.addressPrefixes,
    },
  );
  return {
    ...{ chain, mempool, manager, clock, log, startup },
    close: async () => {
      await manager.stop();
      mempool.close();
      await chain.close();
    },
  };
}

/** A block whose reward goes to `script`. */
export function mineTo(previous: Tip, script: Uint8Array, options: Omit<MineOptions, "spoil"> = {}): Tip {
  return mine(previous, {
    ...options,
    spoil: ([coinbase, ...others]) => {
      const [reward, ...rest] = coinbase!.outputs;
      const outputs = [{ value: reward!.value, scriptPubKey: script }, ...rest];
      return [new Transaction({ ...coinbase!, outputs }), ...others];
    },
  });
}

/** The script of a new address of the wallet. */
export function receiveScript(wallet: NodeWallet, label = ""): Uint8Array {
  const given = newReceiveAddress(wallet, "bech32", label);
  if ("error" in given) throw new Error(given.error);
  return given.script;
}
