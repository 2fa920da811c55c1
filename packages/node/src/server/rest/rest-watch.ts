import type { WatchAddress, WatchBalance, WatchUtxo } from "@bitfleet/api/rest/watch.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { AddressBalance } from "../../indexes/address-book.ts";
import {
  coinCursorText,
  historyCursorText,
  parseCoinCursor,
  parseHistoryCursor,
} from "../../indexes/address-cursor.ts";
import { balanceOfSet, coinsOfSet, historyOfSet, type SetBalance } from "../../indexes/script-set.ts";
import { coinView, historyView } from "./address-views.ts";
import { refuseCursor } from "./list-parts.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { watchPsbtRoutes } from "./rest-watch-psbt.ts";
import { watchSearch } from "./watch-search.ts";
import type { WatchedScript, WatchedSet } from "./watched-scripts.ts";

/** What descriptors and addresses have together, for wallets that keep their keys to themselves. */
export function watchRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const searched = watchSearch(deps);
  watchPsbtRoutes(app, deps, searched);

  route(app, deps, "watchBalance", (_params, _query, body, context) =>
    searched(body, context, async (set, book) => balanceView(set, await balanceOfSet(book, keysOf(set)))),
  );

  route(app, deps, "watchUtxos", (_params, _query, body, context) => {
    const { cursor: text, limit = 100 } = body;
    const cursor = text === undefined ? undefined : (parseCoinCursor(text) ?? refuseCursor());
    return searched(body, context, async (set, book) => {
      const byKey = new Map(set.scripts.map((script) => [script.key, script]));
      const { tip, items, next } = await coinsOfSet(book, keysOf(set), limit, cursor);
      return {
        items: items.map((coin) => ({ ...coinView(coin, tip), ...originView(byKey.get(coin.script)!) })),
        next_cursor: next === undefined ? null : coinCursorText(next),
      };
    });
  });

  route(app, deps, "watchHistory", (_params, _query, body, context) => {
    const { cursor: text, limit = 10 } = body;
    const cursor = text === undefined ? undefined : (parseHistoryCursor(text) ?? refuseCursor());
    return searched(body, context, async (set, book) => {
      const { tip, items, next } = await historyOfSet(book, keysOf(set), limit, cursor);
      return {
        items: items.map((item) => historyView(item, tip)),
        next_cursor: next === undefined ? null : historyCursorText(next),
      };
    });
  });

  route(app, deps, "watchAddresses", (_params, _query, body, context) =>
    searched(body, context, async (set, book) => {
      const balances = await book.balances(keysOf(set));
      return {
        descriptors: [...set.descriptors],
        addresses: set.scripts.map((script, at) => addressView(script, balances[at]!)),
        ...momentView(balances[0]!.tip),
      };
    }),
  );
}

const keysOf = ({ scripts }: WatchedSet) => scripts.map(({ key }) => key);

const momentView = ({ height, hash }: BlockIndexEntry) => ({ block_height: height, block_hash: displayHash(hash) });

function balanceView({ scripts, descriptors }: WatchedSet, balance: SetBalance): WatchBalance {
  const { mature, immature, unconfirmed } = balance;
  return {
    confirmed: Number(mature),
    immature: Number(immature),
    unconfirmed: Number(unconfirmed),
    total: Number(mature + immature + unconfirmed),
    utxo_count: balance.coinCount,
    script_count: scripts.length,
    used_script_count: balance.usedCount,
    descriptors: [...descriptors],
    ...momentView(balance.tip),
  };
}

/** Where a script comes from. */
function originView({
  name,
  script,
  origin,
}: WatchedScript): Pick<WatchUtxo, "address" | "descriptor" | "variant" | "index" | "script"> {
  return {
    address: name ?? null,
    script: script === undefined ? null : toHex(script),
    descriptor: origin?.position ?? null,
    variant: origin?.variant ?? null,
    index: origin?.index ?? null,
  };
}

function addressView(script: WatchedScript, balance: AddressBalance): WatchAddress {
  return {
    ...originView(script),
    transaction_count: balance.transactionCount,
    unconfirmed_transaction_count: balance.waitingCount,
    balance: Number(balance.confirmed),
    unconfirmed: Number(balance.unconfirmed),
  };
}
