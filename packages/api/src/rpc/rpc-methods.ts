import type { RpcValue } from "../json.ts";
import { callLine, methodHelp } from "./rpc-help.ts";
import { blockchainMethods } from "./rpc-methods-blockchain.ts";
import { controlMethods } from "./rpc-methods-control.ts";
import { descriptorMethods } from "./rpc-methods-descriptors.ts";
import { feeMethods } from "./rpc-methods-fees.ts";
import { indexMethods } from "./rpc-methods-indexes.ts";
import { mempoolMethods } from "./rpc-methods-mempool.ts";
import { miningMethods } from "./rpc-methods-mining.ts";
import { networkMethods } from "./rpc-methods-network.ts";
import { psbtMethods } from "./rpc-methods-psbt.ts";
import { rawTransactionMethods } from "./rpc-methods-raw-transactions.ts";
import { signingMethods } from "./rpc-methods-signing.ts";
import { snapshotMethods } from "./rpc-methods-snapshot.ts";
import { statisticsMethods } from "./rpc-methods-statistics.ts";
import { transactionMethods } from "./rpc-methods-transactions.ts";
import { walletAddressMethods } from "./rpc-methods-wallet-addresses.ts";
import { walletBackupMethods } from "./rpc-methods-wallet-backup.ts";
import { walletCoinMethods } from "./rpc-methods-wallet-coins.ts";
import { walletDescriptorMethods } from "./rpc-methods-wallet-descriptors.ts";
import { walletEncryptMethods } from "./rpc-methods-wallet-encrypt.ts";
import { walletFundMethods } from "./rpc-methods-wallet-fund.ts";
import { walletManageMethods } from "./rpc-methods-wallet-manage.ts";
import { walletSignMethods } from "./rpc-methods-wallet-sign.ts";
import { walletSpendMethods } from "./rpc-methods-wallet-spend.ts";
import { walletTransactionMethods } from "./rpc-methods-wallet-transactions.ts";
import { zmqMethods } from "./rpc-methods-zmq.ts";
import type { CallParamsOf, Param, ParamsOf, ResultOf, RpcMethod } from "./rpc-schema.ts";

/** Every JSON-RPC method: validation, help and the client's types come from this table. */
export const rpcMethods = {
  ...blockchainMethods,
  ...controlMethods,
  ...descriptorMethods,
  ...feeMethods,
  ...indexMethods,
  ...mempoolMethods,
  ...miningMethods,
  ...networkMethods,
  ...psbtMethods,
  ...rawTransactionMethods,
  ...signingMethods,
  ...snapshotMethods,
  ...statisticsMethods,
  ...transactionMethods,
  ...walletAddressMethods,
  ...walletCoinMethods,
  ...walletBackupMethods,
  ...walletDescriptorMethods,
  ...walletEncryptMethods,
  ...walletManageMethods,
  ...walletFundMethods,
  ...walletSignMethods,
  ...walletSpendMethods,
  ...walletTransactionMethods,
  ...zmqMethods,
} as const satisfies Record<string, RpcMethod>;

export type RpcMethodName = keyof typeof rpcMethods;
/** What a handler gets: all parameters by name, defaults filled in. */
export type RpcParams<Name extends RpcMethodName> = ParamsOf<(typeof rpcMethods)[Name]>;
/** What a caller gives. */
export type RpcCallParams<Name extends RpcMethodName> = CallParamsOf<(typeof rpcMethods)[Name]>;
export type RpcResult<Name extends RpcMethodName> = ResultOf<(typeof rpcMethods)[Name]>;

/** Whether a node without wallets does not know a method. */
export function isWalletMethod(name: string): boolean {
  return rpcMethod(name)?.category === "wallet" || name === "fundrawtransaction";
}

/** The method of that name. */
export function rpcMethod(name: string): RpcMethod | undefined {
  return Object.hasOwn(rpcMethods, name) ? rpcMethods[name as RpcMethodName] : undefined;
}

/** Whether a node answers a method: one may lack whole categories. */
export type Answers = (name: string) => boolean;

/** The list that `help` answers: one heading for each category, one line for each method that the node answers and that is not hidden. */
export function helpIndex(answers: Answers = () => true): string {
  const byCategory = new Map<string, string[]>();
  for (const [name, method] of Object.entries<RpcMethod>(rpcMethods).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (method.category === "hidden" || !answers(name)) continue;
    const lines = byCategory.get(method.category) ?? [];
    byCategory.set(method.category, [...lines, callLine(name, method)]);
  }
  return [...byCategory]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, lines]) => `== ${category[0]!.toUpperCase()}${category.slice(1)} ==\n${lines.join("\n")}`)
    .join("\n\n");
}

/** The text of `help METHOD`, or that there is no such method. */
export function helpFor(name: string, answers: Answers = () => true): string {
  const method = rpcMethod(name);
  return method === undefined || !answers(name) ? `help: unknown command: ${name}` : methodHelp(name, method);
}

/** For each parameter of each method, and each member that may be given as one: method, position, name, and whether a command line passes it on as text. */
export function argumentConversions(): RpcValue {
  return Object.entries<RpcMethod>(rpcMethods)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, method]) =>
      method.params.flatMap((param, index) =>
        [param, ...(param.members ?? [])].flatMap((named) =>
          [named.name, ...named.aliases].map((alias) => [name, index, alias, isTextOnCommandLine(named)]),
        ),
      ),
    );
}

/** Whether a client on the command line passes the parameter's word on as it stands, and does not read it as JSON. */
export function isTextOnCommandLine({ kind }: Param): boolean {
  return kind === "string" || kind === "hex" || kind === "json";
}
