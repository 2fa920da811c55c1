import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "./orchestrator/cluster.ts";
import { describeWithPods } from "./orchestrator/describe-with-pods.ts";
import { applyText, type Manifests } from "./orchestrator/manifests.ts";
import { eventually, setReplicas, startShipped } from "./orchestrator/shipped.ts";

const EXAMPLE = join(resolve(import.meta.dirname, "../.."), "deploy/kubernetes/base/secret.example.yaml");

/** Who applies the manifests with the example's Secret must not get a network whose keys stand in a public repository. */
describeWithPods("pods with the secrets of the example", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startShipped((manifests: Manifests) => {
      applyText(manifests, readFileSync(EXAMPLE, "utf8"));
      setReplicas(manifests, { miner: 1, webserver: 1 });
    });
  });
  afterAll(() => cluster?.close());

  test.each([
    ["StatefulSet/miner", "your-wallet-address-here"],
    ["StatefulSet/wallet", "BITCOIN_API_WALLET_KEY"],
    ["Deployment/webserver", "BITCOIN_API_ADMIN_KEY"],
  ])("%s ends with a sentence about %s, and is never ready", async (owner, word) => {
    const [pod] = cluster.pods(owner);
    await eventually(async () => ((pod!.containers[0]?.starts ?? 0) >= 2 ? true : undefined));
    const lines = new Set(pod!.log.split("\n").filter(Boolean));
    expect([...lines]).toEqual([expect.stringMatching(/^Error: [^\n]+\.$/)]);
    expect([...lines][0]).toContain(word);
    const said = cluster.events.filter((event) => event.pod === pod!.name).map(({ what }) => what);
    expect(said).toContain("exited 1");
    expect(said).not.toContain("ready");
  });
});
