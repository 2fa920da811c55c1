import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { verifyPartialMerkleTree } from "@bitfleet/protocol/primitives/merkle-proof.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { removeTransactions } from "@bitfleet/wallet/ledger/own-rules.ts";
import { WalletStorageError } from "../../../wallets/storage/wallet-storage-error.ts";
import { parseHashParam } from "../../chain-json.ts";
import { decodeTransactionText } from "../decode-transaction.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { decodeProof } from "../rpc-proofs.ts";
import { requestedWallet, walletsOf, withFaults } from "./requested-wallet.ts";

/** Calls that copy wallets out and in, and add or take out single transactions. */
export function walletBackupHandlers(deps: RpcDependencies) {
  return {
    backupwallet: async ({ destination }, context) => {
      const wallet = requestedWallet(context, deps);
      await wallet.database.backup(destination).catch((error: unknown) => {
        if (!(error instanceof WalletStorageError)) throw error;
        wallet.log.error(`The wallet could not be backed up: ${error.message}`);
        throw new RpcError(RpcErrorCode.WALLET_ERROR, "Error: Wallet backup failed!");
      });
      return null;
    },

    restorewallet: async ({ wallet_name: name, backup_file: file, load_on_startup: loadOnStartup, passphrase }) => {
      const { manager, resend } = walletsOf(deps);
      const options = { loadOnStartup, passphrase };
      const { wallet, warnings } = await withFaults(() => manager.restore(file, name, options));
      await resend.resubmit(wallet);
      return { name: wallet.name, ...(warnings.length > 0 && { warnings: [...warnings] }) };
    },

    exportwatchonlywallet: async ({ destination }, context) => {
      const wallet = requestedWallet(context, deps);
      wallet.topUp();
      await withFaults(() => walletsOf(deps).manager.exportWatchOnly(wallet, destination));
      return { exported_file: destination };
    },

    importprunedfunds: async ({ rawtransaction, txoutproof }, context) => {
      const wallet = requestedWallet(context, deps);
      const tx = decodeTransactionText(rawtransaction, "either");
      if (tx === undefined) {
        const message = "TX decode failed. Make sure the tx has at least one input.";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      const { header, tree } = decodeProof(txoutproof);
      const shown = verifyPartialMerkleTree(tree);
      if (shown === undefined || !equalBytes(shown.root, header.merkleRoot)) {
        throw invalidKey("Something wrong with merkleblock");
      }
      const entry = deps.chain.find(header.hash);
      if (entry === undefined || !deps.chain.isInActiveChain(entry) || entry.height > wallet.bestBlock.height) {
        throw invalidKey("Block not found in chain");
      }
      const match = shown.matches.find(({ txid }) => equalBytes(txid, tx.txid));
      if (match === undefined) throw invalidKey("Transaction given doesn't exist in proof");
      const isMine = tx.outputs.some(({ scriptPubKey }) => wallet.keychain.ownerOf(scriptPubKey) !== undefined);
      if (!isMine) throw invalidKey("No addresses in wallet correspond to included transaction");
      wallet.takeOldTransactions(entry, [{ transaction: tx, indexInBlock: match.index }]);
      await wallet.database.flush();
      return null;
    },

    removeprunedfunds: async ({ txid }, context) => {
      const wallet = requestedWallet(context, deps);
      const changes = removeTransactions(wallet.ledger, [parseHashParam<Txid>(txid, "txid")]);
      if ("error" in changes) throw new RpcError(RpcErrorCode.WALLET_ERROR, changes.error);
      wallet.apply(changes);
      await wallet.database.flush();
      return null;
    },
  } satisfies Partial<RpcHandlers>;
}

const invalidKey = (message: string) => new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
