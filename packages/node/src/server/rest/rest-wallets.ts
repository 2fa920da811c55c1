import { satsFromNumber } from "@bitfleet/api/amount.ts";
import { ApiError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { WalletAddress, WalletAddressLine, WalletInfo, WalletListing } from "@bitfleet/api/rest/wallets.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { FastifyInstance } from "fastify";
import type { NodeWallet } from "../../wallets/node-wallet.ts";
import { pageOf } from "./list-parts.ts";
import { scriptNamed } from "./script-name.ts";
import {
  optionsOf,
  type PlainAnswer,
  type WalletCalls,
  type WalletRouteDependencies,
  walletRoute,
} from "./wallet-calls.ts";

const CONFIRMATIONS_MAX = 9_999_999;

/** Wallets of the node: which there are, how they stand, and their addresses. */
export function walletRoutes(app: FastifyInstance, deps: WalletRouteDependencies): void {
  walletRoute(app, deps, "wallets", async ({ calls }) => {
    const loaded: readonly string[] = await calls.callFree("listwallets", {});
    const { wallets } = await calls.callFree("listwalletdir", {});
    const names = new Set<string>([...loaded, ...wallets.map(({ name }: { readonly name: string }) => name)]);
    return [...names].map(
      (name): WalletListing => ({ name, is_loaded: loaded.includes(name), is_own: calls.isOwn(name) }),
    );
  });

  walletRoute(app, deps, "createWallet", async ({ body, calls }) => {
    const { name, passphrase, avoid_reuse = false, watch_only = false } = body;
    const { warnings = [] } = await calls.callFree("createwallet", {
      wallet_name: name,
      disable_private_keys: watch_only,
      blank: false,
      passphrase,
      avoid_reuse,
      descriptors: true,
      load_on_startup: true,
      external_signer: false,
    });
    return { ...(await infoOf(calls.named(name))), warnings };
  });

  walletRoute(app, deps, "loadWallet", async ({ body: { name, passphrase }, calls }) => {
    const { warnings = [] } = await calls.callFree("loadwallet", { filename: name, load_on_startup: true, passphrase });
    return { ...(await infoOf(calls.named(name))), warnings };
  });

  walletRoute(app, deps, "unloadWallet", async ({ body: { name }, calls }) => {
    const { warnings = [] } = await calls
      .named(name)
      .call("unloadwallet", { wallet_name: name, load_on_startup: false });
    return { name, warnings };
  });

  walletRoute(app, deps, "walletInfo", ({ calls }) => infoOf(calls));
  passphraseRoutes(app, deps);
  addressRoutes(app, deps);
}

function passphraseRoutes(app: FastifyInstance, deps: WalletRouteDependencies): void {
  const wrongPassphrase = { [RpcErrorCode.WALLET_PASSPHRASE_INCORRECT]: 422 };

  walletRoute(app, deps, "encryptWallet", async ({ body: { passphrase }, calls }) => {
    if (calls.wallet.database.vault.isEncrypted) {
      throw new ApiError(409, "The wallet has a passphrase; POST /api/wallet/passphrase changes it.");
    }
    await calls.call("encryptwallet", { passphrase });
    return infoOf(calls);
  });

  walletRoute(app, deps, "changeWalletPassphrase", async ({ body, calls }) => {
    requireEncrypted(calls.wallet);
    const { old_passphrase: oldpassphrase, new_passphrase: newpassphrase } = body;
    await calls.call("walletpassphrasechange", { oldpassphrase, newpassphrase }, wrongPassphrase);
    return infoOf(calls);
  });

  walletRoute(app, deps, "unlockWallet", async ({ body: { passphrase, seconds }, calls }) => {
    requireEncrypted(calls.wallet);
    await calls.call("walletpassphrase", { passphrase, timeout: seconds }, wrongPassphrase);
    return infoOf(calls);
  });

  walletRoute(app, deps, "lockWallet", async ({ calls }) => {
    requireEncrypted(calls.wallet);
    await calls.call("walletlock", {});
    return infoOf(calls);
  });
}

function addressRoutes(app: FastifyInstance, deps: WalletRouteDependencies): void {
  walletRoute(app, deps, "newWalletAddress", async ({ body, calls }) => {
    const label = body.label ?? body.name ?? "";
    const address: string = await calls.call("getnewaddress", { label, address_type: body.address_type });
    const { pubkey = null } = await calls.call("getaddressinfo", { address });
    return { address, public_key: pubkey, label, wallet: calls.wallet.name, created_at: new Date().toISOString() };
  });

  walletRoute(app, deps, "walletAddresses", async ({ query: { page = 0, limit = 10 }, calls }) => {
    const { wallet } = calls;
    const { addressPrefixes } = calls.node.chain.network;
    const given = givenScripts(wallet);
    const part = given.slice(page * limit, (page + 1) * limit);
    const addresses = part.map(({ script }) => encodeAddress(script, addressPrefixes)!);
    const coins = await coinsOf(calls, addresses);
    const lines = part.map(({ script, label }, index): WalletAddressLine => {
      const own = coins.filter(({ address }) => address === addresses[index]);
      return {
        address: addresses[index]!,
        label,
        is_used: !wallet.ledger.coins(script)[Symbol.iterator]().next().done,
        balance: Number(sumOf(own)),
        utxo_count: own.length,
      };
    });
    return pageOf(lines, page, limit, given.length);
  });

  walletRoute(app, deps, "walletAddress", ({ params: { address }, calls }) => addressView(calls, address));

  walletRoute(app, deps, "labelWalletAddress", async ({ params: { address }, body: { label }, calls }) => {
    await calls.call("setlabel", { address, label });
    return addressView(calls, address);
  });

  walletRoute(app, deps, "walletAddressBalance", async ({ params: { address }, calls }) => {
    const { script } = scriptNamed(address, calls.node.chain.network);
    if (script === undefined || calls.wallet.keychain.ownerOf(script) === undefined) {
      throw new ApiError(
        404,
        "The wallet does not have the address; what any address has is at /api/v1/addresses/{address}/balance.",
      );
    }
    const coins = await coinsOf(calls, [address], true);
    const mature = await coinsOf(calls, [address]);
    const confirmed = mature.filter(({ confirmations }) => confirmations > 0);
    const waiting = mature.filter(({ confirmations }) => confirmations === 0);
    return {
      address,
      balance: Number(sumOf(confirmed)),
      unconfirmed_balance: Number(sumOf(waiting)),
      immature_balance: Number(sumOf(coins) - sumOf(mature)),
      utxo_count: coins.length,
      last_updated: new Date().toISOString(),
    };
  });
}

function requireEncrypted(wallet: NodeWallet): void {
  if (!wallet.database.vault.isEncrypted) {
    throw new ApiError(409, "The wallet has no passphrase; POST /api/wallet/encrypt gives it one.");
  }
}

/** How a wallet stands. */
async function infoOf(calls: WalletCalls): Promise<WalletInfo> {
  const info = await calls.call("getwalletinfo", {});
  const isEncrypted = info.unlocked_until !== undefined;
  return {
    name: info.walletname,
    is_own: calls.isOwn(info.walletname),
    is_encrypted: isEncrypted,
    is_locked: isEncrypted && info.unlocked_until === 0,
    unlocked_until: info.unlocked_until || null,
    has_private_keys: info.private_keys_enabled,
    avoids_reuse: info.avoid_reuse,
    is_scanning: info.scanning !== false,
    transaction_count: info.txcount,
    birth_time: info.birthtime ?? null,
    block_height: info.lastprocessedblock.height,
    block_hash: info.lastprocessedblock.hash,
  };
}

async function addressView(calls: WalletCalls, address: string): Promise<WalletAddress> {
  const info = await calls.call("getaddressinfo", { address });
  return {
    address: info.address,
    label: info.labels[0] ?? null,
    is_mine: info.ismine,
    is_change: info.ischange,
    public_key: info.pubkey ?? null,
    script: info.scriptPubKey,
    path: info.hdkeypath ?? null,
    descriptor: info.desc ?? null,
    created_at: info.timestamp ?? null,
  };
}

/** Scripts that were given out, those of the newest descriptors and the highest indexes first. */
function givenScripts({
  ledger,
  keychain,
}: NodeWallet): readonly { readonly script: Uint8Array; readonly label: string }[] {
  const given = [...ledger.addressBook()].flatMap(({ script, label, purpose }) => {
    const owner = purpose === "receive" && label !== undefined ? keychain.ownerOf(script) : undefined;
    return owner === undefined ? [] : [{ script, label: label!, owner }];
  });
  return given.sort((a, b) => b.owner.descriptorId - a.owner.descriptorId || b.owner.index - a.owner.index);
}

/** Unspent outputs of the addresses, the mempool included. */
async function coinsOf(
  calls: WalletCalls,
  addresses: readonly string[],
  withImmature = false,
): Promise<readonly PlainAnswer[]> {
  if (addresses.length === 0) return [];
  return calls.call("listunspent", {
    minconf: 0,
    maxconf: CONFIRMATIONS_MAX,
    addresses,
    include_unsafe: true,
    query_options: optionsOf({ include_immature_coinbase: withImmature }),
  });
}

const sumOf = (coins: readonly PlainAnswer[]): bigint =>
  coins.reduce((sum: bigint, { amount }) => sum + satsFromNumber(amount), 0n);
