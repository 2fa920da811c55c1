/** Miners and web servers as projects of their own, which meet in a network that neither owns. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { api, cli, docker, published } from "./docker.ts";
import { makeProject, removeProject, untilOneChain } from "./project.ts";
import { run } from "./shell.ts";
import type { Steps } from "./steps.ts";

export async function testSeparateProjects({ group, step }: Steps, root: string): Promise<void> {
  const pace = { MINING_INTERVAL_SECONDS: "3600", HEALTH_INTERVAL: "1s" };
  const miners = makeProject(path.join(root, "miners"), "miners", { COMPOSE_FILE: "compose.miner.yaml", ...pace });
  const web = makeProject(path.join(root, "web"), "web", { COMPOSE_FILE: "compose.webserver.yaml", ...pace });
  await group("separate projects", async () => {
    await step("miners and web servers each start by themselves, and make one network with one wallet", async () => {
      await docker(["network", "create", "bitfleet"]);
      await miners.script("up.sh");
      await miners.script("scale.sh", "2", "0");
      copyFileSync(path.join(miners.folder, ".env"), path.join(web.folder, ".env"));
      await web.script("up.sh");
      await untilOneChain(["miners-miner-1", "miners-miner-2", "web-webserver-1"]);
      assert.equal((await cli<{ connected: boolean }[]>("web-webserver-1", "getaddednodeinfo"))[0]?.connected, true);
      const address = await published("web-webserver-1", 8080);
      const key = miners.value("BITCOIN_API_WALLET_KEY");
      assert.equal((await api<{ confirmed: number }>(address, "/api/wallet/balance", { key })).confirmed, 50e8);
    });
    await step("the web servers' project comes and goes without the miners'", async () => {
      await web.compose("down");
      assert.deepEqual(await miners.replicas("miner"), ["miners-miner-1", "miners-miner-2"]);
    });
  });
  await removeProject(web);
  await removeProject(miners);
  await run("docker", ["network", "rm", "bitfleet"], { mayFail: true });
}
