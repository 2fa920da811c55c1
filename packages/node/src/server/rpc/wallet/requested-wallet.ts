import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import type { NodeWallets } from "../../../wallets/node-wallets.ts";
import { WalletFault, type WalletFaultCode } from "../../../wallets/wallet-fault.ts";
import type { RpcCallContext, RpcDependencies } from "../rpc-dependencies.ts";

/** Which wallet a call means, and what every call of wallets asks first. */

/** What the handlers of wallet calls use. */
export type WalletRpcDependencies = RpcDependencies;

/** The node's wallets. Calls of wallets are not known to a node without, so that this never fails there. */
export function walletsOf({ wallets }: Pick<RpcDependencies, "wallets">): NodeWallets {
  if (wallets === undefined) throw new RpcError(RpcErrorCode.METHOD_NOT_FOUND, "Method not found");
  return wallets;
}

/** The wallet of the endpoint (`/wallet/<name>`), or the only one that is loaded. It has taken in what has happened so far. */
export function requestedWallet(
  { wallet: name }: Pick<RpcCallContext, "wallet">,
  deps: Pick<RpcDependencies, "wallets">,
): NodeWallet {
  const { manager } = walletsOf(deps);
  if (name !== undefined) {
    const named = manager.get(name);
    if (named !== undefined) return named;
    throw new RpcError(RpcErrorCode.WALLET_NOT_FOUND, "Requested wallet does not exist or is not loaded");
  }
  const [only, ...others] = manager.all();
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw new RpcError(RpcErrorCode.WALLET_NOT_FOUND, NONE_LOADED);
  throw new RpcError(RpcErrorCode.WALLET_NOT_SPECIFIED, SEVERAL_LOADED);
}

const NONE_LOADED =
  "No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: A default wallet is no longer automatically created)";
const SEVERAL_LOADED =
  "Multiple wallets are loaded. Please select which wallet to use by requesting the RPC through the /wallet/<walletname> URI path.";

/** Throws where the private keys are locked. */
export function requireUnlocked(wallet: NodeWallet): void {
  if (!wallet.isLocked) return;
  const message = "Error: Please enter the wallet passphrase with walletpassphrase first.";
  throw new RpcError(RpcErrorCode.WALLET_UNLOCK_NEEDED, message);
}

/** A label as a caller gives it. */
export function labelParam(label: string | undefined): string {
  if (label === "*") throw new RpcError(RpcErrorCode.WALLET_INVALID_LABEL_NAME, "Invalid label name");
  return label ?? "";
}

/** The name in a call that may come through a wallet's endpoint or name one. */
export function walletNameParam(context: Pick<RpcCallContext, "wallet">, name: string | undefined): string {
  const { wallet } = context;
  if (wallet !== undefined && name !== undefined && wallet !== name) {
    const message = "The RPC endpoint wallet and the wallet name parameter specify different wallets";
    throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
  }
  const wanted = wallet ?? name;
  if (wanted !== undefined) return wanted;
  const message = "Either the RPC endpoint wallet or the wallet name parameter must be provided";
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

/** `lastprocessedblock` of several answers. */
export function lastProcessedBlock({ bestBlock }: NodeWallet): RpcValue {
  return { hash: displayHash(bestBlock.hash), height: bestBlock.height };
}

const CODES: Readonly<Record<WalletFaultCode, number>> = {
  "not-found": RpcErrorCode.WALLET_NOT_FOUND,
  "already-loaded": RpcErrorCode.WALLET_ALREADY_LOADED,
  "already-exists": RpcErrorCode.WALLET_ALREADY_EXISTS,
  "bad-request": RpcErrorCode.INVALID_PARAMETER,
  "bad-descriptor": RpcErrorCode.INVALID_ADDRESS_OR_KEY,
  "encryption-failed": RpcErrorCode.WALLET_ENCRYPTION_FAILED,
  "wrong-passphrase": RpcErrorCode.WALLET_PASSPHRASE_INCORRECT,
  failed: RpcErrorCode.WALLET_ERROR,
};

/** Runs what may fail with `WalletFault`, and answers such a failure as an RPC error. */
export async function withFaults<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof WalletFault ? rpcErrorOf(error) : error;
  }
}

/** A failure as callers see it. */
export function rpcErrorOf({ code, message }: WalletFault): RpcError {
  return new RpcError(CODES[code], message);
}
