import { ApiError } from "@bitfleet/api/errors.ts";
import { ADDRESS_SERIES_TRANSACTIONS_MAX } from "@bitfleet/api/rest/addresses.ts";
import { displayHash, hashFromKey } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import type { AddressBook } from "../../indexes/address-book.ts";
import {
  coinCursorText,
  historyCursorText,
  parseCoinCursor,
  parseHistoryCursor,
} from "../../indexes/address-cursor.ts";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { addressSeries } from "./address-series.ts";
import { balanceView, coinView, historyView, wholeTransactions } from "./address-views.ts";
import { pageOf, refuseCursor } from "./list-parts.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { scriptNamed } from "./script-name.ts";
import { scriptView } from "./transaction-view.ts";

/** What addresses have. */
export function addressRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);
  const asked = (address: string) => {
    const node = running();
    return { node, book: bookOf(node), named: scriptNamed(address, node.chain.network) };
  };

  route(app, deps, "address", async ({ address }) => {
    const { node, book, named } = asked(address);
    const { script, key } = named;
    return {
      address: named.name,
      script_hash: displayHash(hashFromKey(key)),
      script: script === undefined ? null : scriptView(script, node.chain.network.addressPrefixes),
      balance: balanceView(named, await book.balance(key)),
    };
  });

  route(app, deps, "addressBalance", async ({ address }) => {
    const { book, named } = asked(address);
    return balanceView(named, await book.balance(named.key));
  });

  route(app, deps, "addressUtxos", async ({ address }, { cursor: text, limit = 100 }) => {
    const { book, named } = asked(address);
    const cursor = text === undefined ? undefined : (parseCoinCursor(text) ?? refuseCursor());
    const { tip, items, next } = await book.coins(named.key, limit, cursor);
    return {
      items: items.map((coin) => coinView(coin, tip)),
      next_cursor: next === undefined ? null : coinCursorText(next),
    };
  });

  route(app, deps, "addressHistory", async ({ address }, { cursor: text, limit = 10 }) => {
    const { book, named } = asked(address);
    const cursor = text === undefined ? undefined : (parseHistoryCursor(text) ?? refuseCursor());
    const { tip, items, next } = await book.history(named.key, limit, cursor);
    return {
      items: items.map((item) => historyView(item, tip)),
      next_cursor: next === undefined ? null : historyCursorText(next),
    };
  });

  route(app, deps, "addressSeries", async ({ address }) => {
    const { book, named } = asked(address);
    return addressSeries(named.name, await book.past(named.key, ADDRESS_SERIES_TRANSACTIONS_MAX));
  });

  route(app, deps, "addressTransactions", async ({ address }, { page = 0, limit = 10 }) => {
    const { node, book, named } = asked(address);
    const { tip, items, total } = await book.page(named.key, page * limit, limit);
    return pageOf(await wholeTransactions(node, items, tip), page, limit, total);
  });

  route(app, deps, "addressBatch", async (_params, _query, { addresses }) => {
    const node = running();
    const book = bookOf(node);
    const named = addresses.map((address) => scriptNamed(address, node.chain.network));
    const balances = await book.balances(named.map(({ key }) => key));
    return named.map((one, index) => balanceView(one, balances[index]!));
  });
}

/** Throws `ApiError` where there is no index, or where it has yet to come to the tip. */
export function bookOf({ addresses }: RunningWebNode): AddressBook {
  if (addresses === undefined) {
    throw new ApiError(501, "This node keeps no index of addresses: -addressindex has it made.");
  }
  const { behind } = addresses;
  if (behind === undefined) return addresses;
  const { height, targetHeight, percent } = behind;
  throw new ApiError(
    503,
    `The index of addresses is being made: it has come to block ${height} of ${targetHeight} (${percent} %).`,
  );
}
