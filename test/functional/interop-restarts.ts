import { describe, expect, test } from "vitest";
import type { InteropChain } from "./interop-chain.ts";
import { agreeOnCoins, CORE, connect, InteropNode, type Program, reaches } from "./interop-node.ts";
import { hasNetworkCalls, startWithChain } from "./interop-scenarios.ts";
import { eventually } from "./test-node.ts";

/** Nodes that die in the middle of a download. */

export interface RestartOptions {
  readonly chain: InteropChain;
  readonly server: Program;
  readonly client: Program;
}

/** Waits until a download is under way. */
async function underWay(client: InteropNode): Promise<void> {
  await eventually(async () => ((await client.height()) > 0 ? true : undefined));
}

export function describeRestarts(title: string, { chain, server, client }: RestartOptions): void {
  describe.skipIf(!hasNetworkCalls)(`${title}, and one of us is killed while blocks come in`, () => {
    test("the one that fetches goes on where it was", async () => {
      const source = await startWithChain({ program: server }, chain);
      const sink = await InteropNode.start(client, { args: [`-addnode=${source.endpoint}`] });
      await underWay(sink);
      expect(await sink.kill()).toMatchObject({ signal: "SIGKILL" });
      await sink.startAgain();
      await agreeOnCoins(source, sink);
      expect(await sink.call("verifychain", 4, 50)).toBe(true);
      for (const node of [sink, source]) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    });

    test("the one that serves is asked again when it is back", async () => {
      const source = await startWithChain({ program: server }, chain);
      const sink = await InteropNode.start(client, { args: [`-addnode=${source.endpoint}`] });
      await underWay(sink);
      expect(await source.kill()).toMatchObject({ signal: "SIGKILL" });
      await reaches(`${client.name} notices`, 0, async () => (await sink.peers()).length);
      await source.startAgain();
      // Core waits a minute before it tries an added node again.
      if (client.path === CORE?.path) await connect(sink, source, "v2");
      await agreeOnCoins(source, sink);
      for (const node of [sink, source]) expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    });
  });
}
