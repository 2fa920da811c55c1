import { parseJson, toPlain } from "@bitfleet/api/json.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import type { DescriptorUse } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { NETWORK } from "../../../chain/test-kit.ts";
import { systemRandom } from "../../../clock.ts";
import { readConfig } from "../../../config/config.ts";
import { TransactionRelay } from "../../../wallets/transaction-relay.ts";
import { WalletManager } from "../../../wallets/wallet-manager.ts";
import { WalletResend } from "../../../wallets/wallet-resend.ts";
import { addDescriptor } from "../../../wallets/wallet-setup.ts";
import { type Answer, openTestNode, resultOfText, type TestNode } from "../../test-kit.ts";
import type { RpcDependencies } from "../rpc-dependencies.ts";
import { RpcDispatcher } from "../rpc-dispatch.ts";
import { walletHandlers } from "./wallet-handlers.ts";

/** A node with wallets over real files, asked as by JSON-RPC. */
export interface WalletNode {
  readonly node: TestNode;
  readonly manager: WalletManager;
  /** The answer to a call, parsed. `wallet`: through the endpoint of that one. */
  call(method: string, params?: unknown, wallet?: string): Promise<Answer>;
  /** Its result; throws where it is an error. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  result(method: string, params?: unknown, wallet?: string): Promise<any>;
  /** The answer's result as text. */
  resultText(method: string, params?: unknown): Promise<string>;
  close(): Promise<void>;
}

const CHEAP_KDF = { n: 1024, r: 8, p: 1 };

export async function openWalletNode(
  dataPath: string,
  { deprecated = [], args = [] }: { readonly deprecated?: readonly string[]; readonly args?: readonly string[] } = {},
): Promise<WalletNode> {
  const node = await openTestNode(dataPath);
  const { chain, mempool, clock, log, secp256k1, p2p } = node;
  const given = ["-regtest", "-keypool=10", "-fallbackfee=0.0002", `-datadir=${dataPath}`, ...args];
  const outcome = readConfig(given, { defaultDataDir: dataPath, workingDir: dataPath }, "test");
  if (!("config" in outcome) || outcome.config.wallet === undefined) throw new Error("the configuration was not read");
  const config = outcome.config.wallet;
  const manager = new WalletManager(
    {
      directory: `${dataPath}/wallets`,
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
      filterIndex: undefined,
      scheduler: clock.scheduler,
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
  const deps = { ...node, deprecated, wallets } as unknown as RpcDependencies;
  const dispatcher = new RpcDispatcher({}, { clock, log });
  dispatcher.ready({ ...node.handlers, ...walletHandlers(deps) });
  const signal = new AbortController().signal;
  const textOf = async (method: string, params: unknown, wallet: string | undefined) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return (await dispatcher.answer(body, { user: "alice", wallet, signal })).body!;
  };
  const call = async (method: string, params: unknown = [], wallet?: string): Promise<Answer> => {
    const answer = toPlain(parseJson(await textOf(method, params, wallet))) as Answer;
    return { ...answer, result: answer.result ?? null, error: answer.error ?? null };
  };
  return {
    node,
    manager,
    call,
    result: async (method, params, wallet) => {
      const { result, error } = await call(method, params, wallet);
      if (error !== null) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    resultText: async (method, params = []) => resultOfText(await textOf(method, params, undefined)),
    close: async () => {
      resend.stop();
      await manager.stop();
      await node.close();
    },
  };
}

/** Adds a descriptor with its private keys, active for a kind of address or not, watched from the beginning. */
export function importInto(
  { manager }: Pick<WalletNode, "manager">,
  name: string,
  text: string,
  activeFor: DescriptorUse | undefined,
  createdAt: number,
): void {
  const wallet = manager.get(name)!;
  const parsed = parseDescriptor(text, wallet.deps);
  if ("error" in parsed) throw new Error(parsed.error);
  const range = { rangeStart: 0, rangeEnd: 0, nextIndex: 0 };
  const [descriptor] = parsed.descriptors;
  addDescriptor(wallet, { ...range, descriptor, secrets: parsed.secrets, createdAt, activeFor });
}
