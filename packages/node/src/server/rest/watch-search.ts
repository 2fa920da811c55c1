import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import type { AddressBook } from "../../indexes/address-book.ts";
import { runningNode } from "../web/web-state.ts";
import { DerivedScripts } from "./derived-scripts.ts";
import { bookOf } from "./rest-addresses.ts";
import type { RouteContext, RouteDependencies } from "./rest-route.ts";
import { SearchGate } from "./search-gate.ts";
import { type WatchedSet, watchedScripts } from "./watched-scripts.ts";

/** Finds the scripts of a request and has them looked at. Rejects with `ApiError`. */
export type WatchSearch = <Value>(
  body: WatchBody,
  context: Pick<RouteContext, "caller" | "reply">,
  look: (set: WatchedSet, book: AddressBook) => Promise<Value>,
) => Promise<Value>;

/** Searches of one server: few at a time, and with one memory of what was derived. */
export function watchSearch({ state }: Pick<RouteDependencies, "state">): WatchSearch {
  const gate = new SearchGate();
  const derived = new DerivedScripts();
  return (body, { caller, reply }, look) => {
    const node = runningNode(state);
    const book = bookOf(node);
    const { network } = node.chain;
    return gate.run(caller.key?.name ?? caller.address, reply, async () =>
      look(await watchedScripts(body, { network, secp256k1: node.secp256k1, book, derived }), book),
    );
  };
}
