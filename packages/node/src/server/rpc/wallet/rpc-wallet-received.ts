import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { AddressBookEntry } from "@bitfleet/wallet/ledger/address-book.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import {
  type Received,
  type ReceivedOptions,
  receivedByScript,
  receivedTogether,
} from "@bitfleet/wallet/ledger/received.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { labelParam, requestedWallet } from "./requested-wallet.ts";
import { compareTexts, namedAddresses } from "./wallet-json.ts";
import { addressParam } from "./wallet-params.ts";

/** Calls about what addresses have received. */
export function walletReceivedHandlers(deps: Pick<RpcDependencies, "chain" | "wallets">) {
  const prefixes = deps.chain.network.addressPrefixes;

  return {
    getreceivedbyaddress: ({ address, minconf, include_immature_coinbase: includesImmature }, context) => {
      const wallet = requestedWallet(context, deps);
      const script = addressParam(address, prefixes);
      return amountNumber(receivedBy(wallet, [script], optionsOf(wallet, minconf, includesImmature)));
    },

    getreceivedbylabel: ({ label, minconf, include_immature_coinbase: includesImmature }, context) => {
      const wallet = requestedWallet(context, deps);
      const name = labelParam(label);
      const found = namedAddresses(wallet).filter((entry) => entry.label === name);
      if (found.length === 0) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Label not found in wallet");
      const scripts = found.map(({ script }) => script);
      return amountNumber(receivedBy(wallet, scripts, optionsOf(wallet, minconf, includesImmature)));
    },

    listreceivedbyaddress: (params, context) => {
      const wallet = requestedWallet(context, deps);
      const options = optionsOf(wallet, params.minconf, params.include_immature_coinbase);
      const only = filterParam(params.address_filter);
      const received = receivedByScript(wallet.ledger, options, only);
      return listed(wallet, received, params.include_empty)
        .filter(({ script }) => only === undefined || scriptKey(script) === scriptKey(only))
        .map(({ script, label, received: sums }) => ({
          address: encodeAddress(script, prefixes)!,
          amount: amountNumber(sums.amount),
          confirmations: sums.depth,
          label,
          txids: sums.txids.map(displayHash),
        }));
    },

    listreceivedbylabel: (params, context) => {
      const wallet = requestedWallet(context, deps);
      const options = optionsOf(wallet, params.minconf, params.include_immature_coinbase);
      const byLabel = new Map<string, Received[]>();
      for (const { label, received } of listed(
        wallet,
        receivedByScript(wallet.ledger, options),
        params.include_empty,
      )) {
        byLabel.set(label, [...(byLabel.get(label) ?? []), received]);
      }
      return [...byLabel]
        .sort(([a], [b]) => compareTexts(a, b))
        .map(([label, all]) => {
          // Addresses that got nothing have no newest payment.
          const paid = receivedTogether(all.filter(({ txids }) => txids.length > 0)) ?? NOTHING;
          return { amount: amountNumber(paid.amount), confirmations: paid.depth, label };
        });
    },
  } satisfies Partial<RpcHandlers>;

  function filterParam(address: string | undefined): Uint8Array | undefined {
    if (address === undefined || address === "") return undefined;
    const decoded = decodeAddress(address, prefixes);
    if ("script" in decoded) return decoded.script;
    throw new RpcError(RpcErrorCode.WALLET_ERROR, "address_filter parameter was invalid");
  }
}

const NOTHING: Received = { amount: 0n, depth: 0, txids: [] satisfies readonly Txid[] };

function optionsOf(wallet: NodeWallet, minDepth: number, includesImmature: boolean): ReceivedOptions {
  return { tipHeight: wallet.bestBlock.height, minDepth, includesImmature };
}

/** What those of the scripts got that are the wallet's; there must be one. */
function receivedBy(wallet: NodeWallet, scripts: readonly Uint8Array[], options: ReceivedOptions): bigint {
  const own = scripts.filter((script) => wallet.keychain.ownerOf(script) !== undefined);
  if (own.length === 0) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Address not found in wallet");
  const sums = own.flatMap((script) => [...receivedByScript(wallet.ledger, options, script).values()]);
  return receivedTogether(sums)?.amount ?? 0n;
}

interface ListedAddress extends Pick<AddressBookEntry, "script"> {
  readonly label: string;
  readonly received: Received;
}

/** Addresses of the address book with what they got; those that got nothing only with `includesEmpty`. */
function listed(
  wallet: NodeWallet,
  received: ReadonlyMap<string, Received>,
  includesEmpty: boolean,
): readonly ListedAddress[] {
  return namedAddresses(wallet).flatMap(({ script, label }) => {
    const sums = received.get(scriptKey(script)) ?? (includesEmpty ? NOTHING : undefined);
    return sums === undefined ? [] : [{ script, label: label!, received: sums }];
  });
}
