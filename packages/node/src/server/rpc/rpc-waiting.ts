import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock } from "../../ports.ts";
import { parseHashParam } from "../chain-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls that answer when the tip is where the caller wants it. */
export function waitingHandlers(deps: Pick<RpcDependencies, "chain" | "clock">) {
  const { chain } = deps;
  const wait = (until: (tip: BlockIndexEntry) => boolean, timeoutMs: number, signal: AbortSignal) => {
    if (timeoutMs < 0) throw new RpcError(RpcErrorCode.MISC_ERROR, "Negative timeout");
    return tipWhen(deps, until, timeoutMs, signal).then((tip) => ({ hash: displayHash(tip.hash), height: tip.height }));
  };

  return {
    waitforblock: ({ blockhash, timeout }, { signal }) => {
      const hash = parseHashParam<BlockHash>(blockhash, "blockhash");
      return wait((tip) => equalBytes(tip.hash, hash), timeout, signal);
    },
    waitforblockheight: ({ height, timeout }, { signal }) => wait((tip) => tip.height >= height, timeout, signal),
    waitfornewblock: ({ timeout, current_tip: current }, { signal }) => {
      const hash = current === undefined ? chain.tip.hash : parseHashParam<BlockHash>(current, "current_tip");
      return wait((tip) => !equalBytes(tip.hash, hash), timeout, signal);
    },
  } satisfies Partial<RpcHandlers>;
}

/** The tip as soon as `until` holds of it, or the time is over (0: never), or the caller or the node leaves. */
export function tipWhen(
  { chain, clock }: { readonly chain: Pick<Chain, "tip" | "events">; readonly clock: Clock },
  until: (tip: BlockIndexEntry) => boolean,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<BlockIndexEntry> {
  return new Promise((resolve) => {
    if (until(chain.tip) || signal.aborted) {
      resolve(chain.tip);
      return;
    }
    const done = () => {
      unsubscribe();
      cancelTimeout();
      signal.removeEventListener("abort", done);
      resolve(chain.tip);
    };
    const unsubscribe = chain.events.subscribe(
      (event) => {
        if ((event.type === "tip-changed" || event.type === "events-lost") && until(chain.tip)) done();
      },
      { name: "waiting RPC call", overflow: "lose" },
    );
    const cancelTimeout = timeoutMs > 0 ? clock.after(timeoutMs, done) : () => {};
    signal.addEventListener("abort", done);
  });
}
