import { join } from "node:path";
import { NETWORK } from "../../chain/test-kit.ts";
import { systemRandom } from "../../clock.ts";
import { readConfig } from "../../config/config.ts";
import type { NodeWallets } from "../../wallets/node-wallets.ts";
import { TransactionRelay } from "../../wallets/transaction-relay.ts";
import { WalletManager } from "../../wallets/wallet-manager.ts";
import { WalletResend } from "../../wallets/wallet-resend.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc/rpc-dependencies.ts";
import { walletHandlers } from "../rpc/wallet/wallet-handlers.ts";
import type { TestNode } from "../test-kit.ts";

/** The wallets of a node of tests, over real files, and handlers that know them. */
export interface TestNodeWallets {
  readonly parts: { readonly wallets: NodeWallets; readonly handlers: RpcHandlers };
  close(): Promise<void>;
}

/** Passphrases that cost next to nothing. */
const CHEAP_KDF = { n: 1024, r: 8, p: 1 };

export function openTestNodeWallets(node: TestNode, dataPath: string): TestNodeWallets {
  const { chain, mempool, clock, log, secp256k1, p2p } = node;
  const args = ["-regtest", "-keypool=5", "-fallbackfee=0.0002", `-datadir=${dataPath}`];
  const outcome = readConfig(args, { defaultDataDir: dataPath, workingDir: dataPath }, "test");
  if (!("config" in outcome) || outcome.config.wallet === undefined) throw new Error("the configuration was not read");
  const config = outcome.config.wallet;
  const manager = new WalletManager(
    {
      directory: join(dataPath, "wallets"),
      networkMagic: 1,
      allowsOtherChains: false,
      passphraseScope: "secrets",
      keypoolSize: config.keypoolSize,
      spendsUnconfirmedChange: config.spendsUnconfirmedChange,
      loadWarnings: [],
      clientVersion: 1,
    },
    {
      ...{ chain, mempool, clock, log, secp256k1, random: systemRandom, kdfCost: CHEAP_KDF },
      scheduler: clock.scheduler,
      filterIndex: undefined,
      startupList: { add: () => true, remove: () => true },
      prefixes: NETWORK.addressPrefixes,
      onTransaction: () => {},
    },
  );
  const relay = new TransactionRelay({ chain, mempool, announcer: p2p.network.announcements });
  const resend = new WalletResend({
    ...{ wallets: manager, relay, chain, clock, random: systemRandom, scheduler: clock.scheduler },
    feeMaxSats: config.fees.maxFeeSats,
    isActive: config.broadcasts,
  });
  const wallets = { manager, relay, resend, config, random: systemRandom };
  const deps = { ...node, deprecated: [], wallets } as unknown as RpcDependencies;
  return {
    parts: { wallets, handlers: { ...node.handlers, ...walletHandlers(deps) } },
    close: async () => {
      resend.stop();
      await manager.stop();
    },
  };
}
