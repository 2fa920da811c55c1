import { test } from "vitest";
import { buildChain } from "./interop-chain.ts";
import { CORE, OURS, type Program } from "./interop-node.ts";
import { describeRestarts } from "./interop-restarts.ts";
import { describePair } from "./interop-scenarios.ts";

/**
 * Our node and Bitcoin Core as peers of each other, over both transports and in both roles. Set CORE_BITCOIND to the path of a
 * bitcoind to run this.
 */
if (CORE === undefined) {
  console.warn("core-interoperation: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  describeWith(CORE);
}

/** Two thousand blocks with over 20,000 signed inputs, and now and then many in one. */
function describeWith(core: Program): void {
  const chain = buildChain({
    blockCount: 2000,
    fanOutWidth: (height) => (height % 50 === 0 ? 200 : 6),
    spareCount: 600,
  });
  const roles = [
    { title: "we connect to Core", server: core, client: OURS },
    { title: "Core connects to us", server: OURS, client: core },
  ];
  for (const transport of ["v1", "v2"] as const) {
    for (const { title, server, client } of roles) {
      describePair(`${title} over ${transport}`, {
        chain,
        server: { program: server },
        client: { program: client },
        asks: transport,
        transport,
        deepReorgBlocks: 120,
      });
    }
  }
  for (const { title, server, client } of roles) describeRestarts(title, { chain, server, client });
}
