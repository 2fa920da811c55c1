/** deploy/compose as a network: how it starts and grows, and what becomes of it when parts are killed, cut off, taken away and brought back. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { api, cli, docker, exec, inspect, logsOf, published, untilHealthy } from "./docker.ts";
import { areHealthy, makeProject, type Project, removeProject, untilOneChain } from "./project.ts";
import { run, until } from "./shell.ts";
import type { Steps } from "./steps.ts";

const NAME = "fleet";
/** An address that is nobody's of the network. */
const STRANGER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
interface AddedNode {
  readonly addednode: string;
  readonly connected: boolean;
}

const miner = (number: number) => `${NAME}-miner-${number}`;
const web = (number: number) => `${NAME}-webserver-${number}`;

export async function testNetwork({ group, step }: Steps, root: string): Promise<void> {
  // Blocks come when a test asks for them: 3600 s between them is never.
  const pace = { MINING_INTERVAL_SECONDS: "3600", HEALTH_INTERVAL: "1s" };
  const project = makeProject(path.join(root, "checkout"), NAME, pace);
  const one = (name: string, body: (project: Project) => Promise<unknown>) => step(name, () => body(project));
  await group(
    "compose",
    async () => {
      await one("refuses to start without keys, and says what makes them", withoutKeys);
      await one(
        "one miner and one web server: up.sh makes keys and starts them, and says where the page and its key are",
        firstStart,
      );
      await one("scale.sh refuses what is no number of replicas", nonsense);
      await one("one miner and many web servers", (it) => grow(it, 1, 2));
      await one("many miners and one web server", (it) => grow(it, 2, 1));
      await one(
        "many of both, from nothing, by docker compose up --scale: web servers come when all miners are ready, each miner behind the one before",
        ordered,
      );
      await one("publishes each replica at a port of its own", ports);
      await one("miners form a chain, web servers follow miners", topology);
      await one("a payment through one web server is seen by the other, and confirmed", payment);
      await one("a caller's rate is counted by all web servers together", sharedLimits);
      await one("Redis asks for its password, and is reached by web servers alone", redis);
      await one("status.sh shows every replica with its height", status);
      await one("a miner that is killed comes back by itself, with its data, under its name", killed);
      await one("both sides of a cut network mine, and agree on one chain when it is whole again", partition);
      await one("grows to four and three, shrinks, and grows again to the same data", scaling);
      await one("backup, down -v, restore: the same chain and the same wallet", backupAndRestore);
      await one("stops in order: every node ends with code 0", stop);
    },
    () => tellWhatHappened(project),
  );
  await removeProject(project);
}

async function withoutKeys(project: Project) {
  const { stderr } = await project.failing("docker", "compose", "up", "-d", "--wait");
  assert.match(stderr, /required variable \w+ is missing a value: run \.\/up\.sh/);
  assert.match(
    (await project.failing("./scale.sh", "2", "1")).stderr,
    /^Error: there are no keys in .*\.env\. Run .*up\.sh, which makes them\.$/m,
  );
}

async function firstStart(project: Project) {
  const { stdout } = await project.script("up.sh");
  assert.equal(statSync(path.join(project.folder, ".env")).mode & 0o777, 0o600);
  await areHealthy([miner(1), web(1), `${NAME}-redis-1`]);
  const address = await published(web(1), 8080);
  assert.match(stdout, new RegExp(`fleet-webserver-1 +healthy +101 +1 .*${address}`));
  assert.match(stdout, /BITCOIN_API_ADMIN_KEY of .*\.env/);
  assert.equal((await api<{ height: number }>(address, "/api/v1/blockchain")).height, 101);
  assert.match(await (await fetch(`http://${address}/`)).text(), /<title>/);
  const balance = await api<{ confirmed: number }>(address, "/api/wallet/balance", {
    key: project.value("BITCOIN_API_WALLET_KEY"),
  });
  assert.equal(balance.confirmed, 50e8, JSON.stringify(balance));
}

async function nonsense(project: Project) {
  for (const args of [
    ["0", "1"],
    ["-1", "2"],
    ["two", "1"],
    ["1"],
    ["1", "2", "3"],
    ["1", "99"],
    ["1.5", "1"],
    ["1", ""],
  ]) {
    assert.match((await project.failing("./scale.sh", ...args)).stderr, /^Error: [^\n]+\n$/, args.join(" "));
  }
  assert.deepEqual(await project.replicas("miner"), [miner(1)]);
}

async function grow(project: Project, miners: number, webServers: number) {
  await project.script("scale.sh", String(miners), String(webServers));
  await isNetworkOf(project, miners, webServers);
}

/** As many replicas as that, all healthy, on one chain. */
async function isNetworkOf(project: Project, miners: number, webServers: number): Promise<readonly string[]> {
  const names = (count: number, name: (number: number) => string) =>
    Array.from({ length: count }, (_, index) => name(index + 1));
  assert.deepEqual(await project.replicas("miner"), names(miners, miner));
  assert.deepEqual(await project.replicas("webserver"), names(webServers, web));
  assert.deepEqual(await project.replicas("redis"), [`${NAME}-redis-1`]);
  const nodes = [...names(miners, miner), ...names(webServers, web)];
  await areHealthy([...nodes, `${NAME}-redis-1`]);
  await untilOneChain(nodes);
  return nodes;
}

async function ordered(project: Project) {
  const tip = await cli(miner(1), "getbestblockhash");
  await project.compose("down");
  const startedMs = Date.now();
  await project.compose("up", "-d", "--wait", "--scale", "miner=3", "--scale", "webserver=2");
  const nodes = await isNetworkOf(project, 3, 2);
  assert.equal(await untilOneChain(nodes), tip);
  const healthyAt = await healthEvents(startedMs);
  const webStarted = Date.parse(await inspect(web(1), "{{.State.StartedAt}}"));
  for (const name of [1, 2, 3].map(miner)) {
    assert.ok(
      (healthyAt.get(name) ?? Number.POSITIVE_INFINITY) <= webStarted,
      `${name} was not ready when web servers started`,
    );
  }
  for (const number of [2, 3])
    assert.match(await logsOf(miner(number)), new RegExp(`miner-${number - 1} is ready after`));
}

/** When each container became healthy first, as the engine tells it, in milliseconds. */
async function healthEvents(sinceMs: number): Promise<ReadonlyMap<string, number>> {
  const range = ["--since", (sinceMs / 1000).toFixed(3), "--until", (Date.now() / 1000).toFixed(3)];
  const told = await docker(["events", ...range, "--filter", "event=health_status", "--format", "{{json .}}"]);
  const found = new Map<string, number>();
  for (const line of told.split("\n").filter(Boolean)) {
    const { Action, Actor, timeNano } = JSON.parse(line) as HealthEvent;
    const name = Actor.Attributes.name;
    if (Action === "health_status: healthy" && !found.has(name)) found.set(name, timeNano / 1e6);
  }
  return found;
}

interface HealthEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: { readonly name: string } };
  readonly timeNano: number;
}

async function ports(project: Project) {
  const addresses = new Set<string>();
  for (const name of await project.replicas("miner")) {
    const address = await published(name, 2001);
    assert.match(address, /^127\.0\.0\.1:20(0[1-9]|1\d|20)$/);
    await connectsTo(address);
    addresses.add(address);
  }
  for (const name of await project.replicas("webserver")) {
    const [page, peers] = [await published(name, 8080), await published(name, 2001)];
    assert.match(page, /^127\.0\.0\.1:80[89]\d$/);
    assert.match(peers, /^127\.0\.0\.1:21(0[1-9]|1\d|20)$/);
    await api(page, "/health/ready");
    await connectsTo(peers);
    addresses.add(page).add(peers);
  }
  assert.equal(addresses.size, 7);
}

function connectsTo(address: string): Promise<void> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host).once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

async function topology() {
  const added = async (name: string) =>
    (await cli<AddedNode[]>(name, "getaddednodeinfo")).map((node) => [node.addednode, node.connected]);
  assert.deepEqual(await added(miner(1)), []);
  assert.deepEqual(await added(miner(2)), [[`${miner(1)}:2001`, true]]);
  assert.deepEqual(await added(miner(3)), [[`${miner(2)}:2001`, true]]);
  for (const number of [1, 2]) assert.deepEqual(await added(web(number)), [["miner:2001", true]]);
  const folders = (await exec(miner(1), "ls", "/app/data")).split("\n");
  assert.deepEqual(folders, ["miner-1", "miner-2", "miner-3"]);
  assert.deepEqual((await exec(web(1), "ls", "/app/data")).split("\n"), ["webserver-1", "webserver-2"]);
}

async function payment(project: Project) {
  const key = project.value("BITCOIN_API_WALLET_KEY");
  const [one, two] = [await published(web(1), 8080), await published(web(2), 8080)];
  const { txid } = await api<{ txid: string }>(one, "/api/wallet/transactions", {
    key,
    body: { to_address: STRANGER, amount: 123_456 },
  });
  assert.match(txid, /^[0-9a-f]{64}$/);
  for (const name of [web(2), miner(3)]) {
    await until(`payment at ${name}`, async () => (await cli<string[]>(name, "getrawmempool")).includes(txid), 120_000);
  }
  assert.equal((await api<{ txid: string }>(two, `/api/v1/transactions/${txid}`)).txid, txid);
  await cli<string[]>(miner(3), "generatetoaddress", 1, STRANGER);
  await untilOneChain([miner(1), miner(2), miner(3), web(1), web(2)]);
  assert.equal(
    (await api<{ status: { confirmations: number } }>(two, `/api/v1/transactions/${txid}`)).status.confirmations,
    1,
  );
}

async function sharedLimits() {
  const [one, two] = [await published(web(1), 8080), await published(web(2), 8080)];
  const left = async (address: string) => {
    const response = await fetch(`http://${address}/api/v1/blockchain`);
    return Number(response.headers.get("ratelimit-remaining"));
  };
  const limit = Number((await fetch(`http://${two}/api/v1/blockchain`)).headers.get("ratelimit-limit"));
  let lowest = limit;
  for (let round = 0; round < 20; round += 1) {
    const seen = await Promise.all(Array.from({ length: 20 }, () => left(one)));
    lowest = Math.min(lowest, ...seen);
  }
  assert.ok(lowest < limit * 0.6, `after 400 calls ${lowest} of ${limit} are left`);
  const other = await left(two);
  assert.ok(other < limit * 0.9, `the other web server has ${other} of ${limit} left: it counts for itself`);
}

async function redis(project: Project) {
  const name = `${NAME}-redis-1`;
  assert.match(await exec(name, "redis-cli", "ping"), /NOAUTH/);
  assert.doesNotMatch(await exec(name, "cat", "/proc/1/cmdline"), new RegExp(project.value("REDIS_PASSWORD")));
  const keys = await docker([
    "exec",
    "-e",
    `REDISCLI_AUTH=${project.value("REDIS_PASSWORD")}`,
    name,
    "redis-cli",
    "--scan",
    "--pattern",
    "bitfleet:regtest:limit:*",
  ]);
  assert.notEqual(keys, "");
  const networks = JSON.parse(await inspect(miner(1), "{{json .NetworkSettings.Networks}}"));
  assert.deepEqual(Object.keys(networks), [`${NAME}_nodes`]);
  assert.equal(await inspect(`${NAME}_limits`, "{{.Internal}}"), "true");
}

async function status(project: Project) {
  const { stdout } = await project.script("status.sh");
  const height = await cli(miner(1), "getblockcount");
  for (const name of [...(await project.replicas("miner")), ...(await project.replicas("webserver"))]) {
    assert.match(stdout, new RegExp(`^${name} +healthy +${height} +[1-9]`, "m"));
  }
}

async function killed() {
  const folder = await exec(miner(2), "stat", "-c", "%i", "/app/data/miner-2/regtest/blocks");
  const before = await inspect(miner(2), "{{.State.Pid}} {{.RestartCount}}");
  const height = await cli<number>(miner(2), "getblockcount");
  const [pid, restarts] = before.split(" ").map(Number);
  // From outside: a container that Docker itself is told to kill is one that somebody stopped.
  process.kill(pid!, "SIGKILL");
  await until("restart", async () => Number(await inspect(miner(2), "{{.RestartCount}}")) === restarts! + 1);
  await untilHealthy(miner(2));
  assert.equal(await exec(miner(2), "stat", "-c", "%i", "/app/data/miner-2/regtest/blocks"), folder);
  assert.ok((await cli<number>(miner(2), "getblockcount")) >= height);
  await untilOneChain([miner(1), miner(2), miner(3)]);
  await until("chain of miners", async () => (await cli<AddedNode[]>(miner(3), "getaddednodeinfo"))[0]?.connected);
}

/** Blocks of both sides pay to other addresses: made at the same second for the same one they would be the same. */
async function partition(project: Project) {
  const nodes = [miner(1), miner(2), miner(3), web(1), web(2)];
  await docker(["network", "disconnect", `${NAME}_nodes`, miner(3)]);
  const lost = await cli<string[]>(miner(3), "generatetoaddress", 2, STRANGER);
  const kept = await cli<string[]>(miner(1), "generatetoaddress", 3, project.value("MINER_ADDRESS"));
  await untilOneChain([miner(1), miner(2)]);
  assert.equal(await cli(miner(3), "getbestblockhash"), lost[1]);
  await docker(["network", "connect", "--alias", "miner", "--alias", miner(3), `${NAME}_nodes`, miner(3)]);
  await untilOneChain(nodes);
  assert.equal(await cli(miner(3), "getbestblockhash"), kept[2]);
  assert.equal((await cli<{ confirmations: number }>(miner(3), "getblockheader", lost[0]!)).confirmations, -1);
  await untilHealthy(miner(3));
}

async function scaling(project: Project) {
  await project.script("scale.sh", "4", "3");
  await isNetworkOf(project, 4, 3);
  assert.deepEqual(
    (await cli<AddedNode[]>(miner(4), "getaddednodeinfo")).map((node) => node.addednode),
    [`${miner(3)}:2001`],
  );
  const inode = () => exec(miner(4), "stat", "-c", "%i", "/app/data/miner-4/regtest/blocks");
  const before = await inode();
  await project.script("scale.sh", "3", "2");
  await isNetworkOf(project, 3, 2);
  assert.match(await exec(miner(1), "ls", "/app/data"), /miner-4/);
  await project.script("scale.sh", "4", "2");
  await isNetworkOf(project, 4, 2);
  assert.equal(await inode(), before);
  await project.script("scale.sh", "2", "1");
}

async function backupAndRestore(project: Project) {
  const key = project.value("BITCOIN_API_WALLET_KEY");
  const balance = async () =>
    (await api<{ total: number }>(await published(web(1), 8080), "/api/wallet/balance", { key })).total;
  const tip = await untilOneChain([miner(1), miner(2), web(1)]);
  const coins = await balance();
  assert.ok(coins > 0);
  const target = path.join(path.resolve(project.folder, "../.."), "backup");
  await project.script("backup.sh", target);
  assert.equal(statSync(target).mode & 0o777, 0o700);
  const files = readdirSync(target).filter((name) => name.endsWith(".tar.gz"));
  for (const part of [
    "miner-data.miner-1",
    "miner-wallets.miner-1",
    "miner-data.miner-2",
    "miner-data.miner-4",
    "webserver-data.webserver-1",
    "redis-data",
  ]) {
    assert.ok(files.includes(`${part}.tar.gz`), `${part} is not in the backup: ${files.join(" ")}`);
  }
  await areHealthy([miner(1), miner(2), web(1)]);
  assert.match((await project.failing("./backup.sh", target)).stderr, /is there already/);
  assert.match(
    (await project.failing("./restore.sh", target)).stderr,
    /has volumes, whose data would be lost .*--force replaces them/,
  );

  await cli(miner(1), "generatetoaddress", 1, STRANGER);
  await project.compose("down", "--volumes");
  const damaged = path.join(target, "miner-data.miner-1.tar.gz");
  const bytes = readFileSync(damaged);
  writeFileSync(damaged, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
  assert.match(
    (await project.failing("./restore.sh", target)).stderr,
    /are not what backup\.sh wrote; nothing was changed/,
  );
  writeFileSync(damaged, bytes);
  await project.script("restore.sh", target);
  await isNetworkOf(project, 2, 1);
  assert.equal(await cli(miner(1), "getbestblockhash"), tip);
  assert.equal(await balance(), coins);
  await api(await published(web(1), 8080), "/api/wallet/transactions", {
    key,
    body: { to_address: STRANGER, amount: 5000 },
  });
  await project.script("restore.sh", target, "--force");
  assert.equal(await cli(miner(1), "getbestblockhash"), tip);
}

async function stop(project: Project) {
  const nodes = [...(await project.replicas("miner")), ...(await project.replicas("webserver"))];
  await project.compose("stop");
  for (const name of nodes) assert.equal(await inspect(name, "{{.State.ExitCode}}"), "0", name);
}

/** After a failure: states, and the last lines of each container's log. */
async function tellWhatHappened(project: Project) {
  console.log((await run("docker", ["ps", "-a"], { mayFail: true })).stdout);
  for (const service of ["miner", "webserver", "redis"]) {
    for (const name of await project.replicas(service)) {
      console.log(`--- ${name}\n${(await logsOf(name)).split("\n").slice(-6).join("\n")}`);
    }
  }
}
