import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { UNKNOWN_BIRTH_TIME } from "../../../wallets/node-wallet.ts";
import { flagByName, flagNames, MUTABLE_FLAGS, WalletFlag } from "../../../wallets/wallet-flags.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { lastProcessedBlock, requestedWallet, walletNameParam, walletsOf, withFaults } from "./requested-wallet.ts";

/** Core's answer where a legacy wallet has a version. */
const LEGACY_VERSION = 169_900;

/** Calls that make, load and describe wallets. */
export function walletManageHandlers(deps: RpcDependencies) {
  return {
    createwallet: async (params) => {
      const { passphrase } = params;
      if (!params.descriptors) throw new RpcError(RpcErrorCode.WALLET_ERROR, NO_LEGACY);
      if (params.external_signer) throw new RpcError(RpcErrorCode.WALLET_ERROR, NO_SIGNER);
      const { wallet, warnings } = await withFaults(() =>
        walletsOf(deps).manager.create({
          name: params.wallet_name,
          disablesPrivateKeys: params.disable_private_keys,
          isBlank: params.blank,
          avoidsReuse: params.avoid_reuse,
          passphrase: passphrase === "" ? undefined : passphrase,
          loadOnStartup: params.load_on_startup,
        }),
      );
      const all = passphrase === "" ? [NOT_ENCRYPTED, ...warnings] : warnings;
      return { name: wallet.name, ...warningsField(all) };
    },

    loadwallet: async ({ filename, load_on_startup: loadOnStartup, passphrase }) => {
      const { manager, resend } = walletsOf(deps);
      const { wallet, warnings } = await withFaults(() => manager.load(filename, { loadOnStartup, passphrase }));
      await resend.resubmit(wallet);
      return { name: wallet.name, ...warningsField(warnings) };
    },

    unloadwallet: async ({ wallet_name: name, load_on_startup: loadOnStartup }, context) => {
      const wallet = requestedWallet({ wallet: walletNameParam(context, name) }, deps);
      if (wallet.scan.isScanning) throw new RpcError(RpcErrorCode.WALLET_ERROR, SCANNING);
      const warnings = await withFaults(() => walletsOf(deps).manager.unload(wallet, { loadOnStartup }));
      return warningsField(warnings);
    },

    listwallets: () =>
      walletsOf(deps)
        .manager.all()
        .map(({ name }) => name),

    listwalletdir: async () => {
      const listed = await walletsOf(deps).manager.list();
      return { wallets: listed.map(({ name, warnings }) => ({ name, warnings: [...warnings] })) };
    },

    getwalletinfo: (_params, context) => {
      const wallet = requestedWallet(context, deps);
      const sources = wallet.keychain.activeSources();
      const unusedOf = (isInternal: boolean) =>
        sources
          .filter(({ record }) => record.activeFor?.isInternal === isInternal)
          .reduce((sum, { unusedCount }) => sum + unusedCount, 0);
      const { birthTime, scan } = wallet;
      return {
        walletname: wallet.name,
        walletversion: LEGACY_VERSION,
        format: "sqlite",
        txcount: wallet.ledger.counts().transactions,
        keypoolsize: unusedOf(false),
        keypoolsize_hd_internal: unusedOf(true),
        ...(wallet.database.vault.isEncrypted && { unlocked_until: wallet.unlockedUntil }),
        private_keys_enabled: !wallet.has(WalletFlag.disablePrivateKeys),
        avoid_reuse: wallet.has(WalletFlag.avoidReuse),
        scanning: scan.isScanning && { duration: scan.durationSeconds, progress: scan.progress },
        descriptors: true,
        external_signer: false,
        blank: wallet.has(WalletFlag.blank),
        ...(birthTime !== UNKNOWN_BIRTH_TIME && { birthtime: birthTime }),
        flags: [...flagNames(wallet.flags)],
        lastprocessedblock: lastProcessedBlock(wallet),
      };
    },

    setwalletflag: ({ flag: name, value }, context) => {
      const wallet = requestedWallet(context, deps);
      const flag = flagByName(name);
      const refuse = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      if (flag === undefined) throw refuse(`Unknown wallet flag: ${name}`);
      if ((flag & MUTABLE_FLAGS) === 0n) throw refuse(`Wallet flag is immutable: ${name}`);
      if (wallet.has(flag) === value) throw refuse(`Wallet flag is already set to ${value}: ${name}`);
      wallet.setFlags(value ? wallet.flags | flag : wallet.flags & ~flag);
      return { flag_name: name, flag_state: value, ...(value && { warnings: CAVEAT }) };
    },

    migratewallet: () => {
      throw new RpcError(RpcErrorCode.WALLET_ERROR, "Error: This wallet is already a descriptor wallet");
    },
  } satisfies Partial<RpcHandlers>;
}

function warningsField(warnings: readonly string[]): Readonly<Record<string, RpcValue>> {
  return warnings.length === 0 ? {} : { warnings: [...warnings] };
}

const NO_LEGACY = 'descriptors argument must be set to "true"; it is no longer possible to create a legacy wallet.';
const NO_SIGNER = "Compiled without external signing support (required for external signing)";
const NOT_ENCRYPTED = "Empty string given as passphrase, wallet will not be encrypted.";
const SCANNING = "Wallet is currently rescanning. Abort existing rescan or wait.";
const CAVEAT =
  "You need to rescan the blockchain in order to correctly mark used destinations in the past. Until this is done, some destinations may be considered unused, even if the opposite is the case.";
