import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, BITCOIN_CLI, BITCOIND, eventually, run, TestNode, temporaryFolder } from "./test-node.ts";

const CLEAN = { code: 0, signal: null, stderr: "" };

/** Everything that the next start needs is there and consistent. */
async function expectWholeChain(dataDir: string): Promise<{ height: number; hash: string }> {
  const node = await TestNode.start(dataDir);
  const height = await node.call<number>("getblockcount");
  const hash = await node.call<string>("getbestblockhash");
  expect(await node.call("verifychain", 4, 0)).toBe(true);
  expect(await node.stop()).toMatchObject(CLEAN);
  return { height, hash };
}

describe("a clean end", () => {
  test("by RPC, and the next start goes on with the same chain", async () => {
    const node = await TestNode.start();
    await node.call("generatetoaddress", 12, ADDRESS);
    const hash = await node.call("getbestblockhash");
    expect(await node.stop()).toMatchObject(CLEAN);
    expect(await expectWholeChain(node.dataDir)).toEqual({ height: 12, hash });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("by %s", async (signal) => {
    const node = await TestNode.start();
    await node.call("generatetoaddress", 5, ADDRESS);
    expect(await node.signal(signal)).toMatchObject(CLEAN);
    expect((await expectWholeChain(node.dataDir)).height).toBe(5);
  });

  test("leaves no cookie and no process id behind", async () => {
    const node = await TestNode.start();
    const cookie = join(node.networkDir, ".cookie");
    const pid = join(node.networkDir, "bitcoind.pid");
    expect(statSync(cookie).mode & 0o777).toBe(0o600);
    expect(readFileSync(cookie, "utf8")).toMatch(/^__cookie__:[0-9a-f]{64}$/);
    expect(readFileSync(pid, "utf8")).toBe(`${node.child.pid}\n`);
    await node.stop();
    expect([existsSync(cookie), existsSync(pid)]).toEqual([false, false]);
  });

  test("with the reply of `stop` already sent", async () => {
    const node = await TestNode.start();
    expect(await node.call("stop")).toBe("Bitfleet stopping");
    expect(await node.exit()).toMatchObject(CLEAN);
  });

  test("while it starts, at any moment", async () => {
    const dataDir = temporaryFolder();
    for (const delayMs of [40, 80, 120, 160, 240, 400]) {
      const node = await TestNode.spawn(dataDir);
      await new Promise((resume) => setTimeout(resume, delayMs));
      const exit = await node.signal("SIGINT");
      // Before the program has set its handlers, the system ends it by the signal.
      expect([CLEAN, { code: null, signal: "SIGINT", stderr: "" }]).toContainEqual({
        code: exit.code,
        signal: exit.signal,
        stderr: exit.stderr,
      });
    }
    expect((await expectWholeChain(dataDir)).height).toBe(0);
  });

  test("while it mines", async () => {
    const node = await TestNode.start(temporaryFolder(), ["-mining=continuous", `-miningaddress=${ADDRESS}`]);
    await eventually(async () => ((await node.call<number>("getblockcount")) >= 20 ? true : undefined));
    expect(await node.signal("SIGINT")).toMatchObject(CLEAN);
    expect((await expectWholeChain(node.dataDir)).height).toBeGreaterThanOrEqual(20);
  });

  test("while a generate call runs", async () => {
    const node = await TestNode.start();
    const generating = node.call("generatetoaddress", 100_000, ADDRESS).then(
      () => "answered",
      () => "refused",
    );
    await eventually(async () => ((await node.call<number>("getblockcount")) >= 10 ? true : undefined));
    expect(await node.signal("SIGTERM")).toMatchObject(CLEAN);
    expect(["answered", "refused"]).toContain(await generating);
    expect((await expectWholeChain(node.dataDir)).height).toBeGreaterThanOrEqual(10);
  });

  test("asked for twice at once is one wish", async () => {
    const node = await TestNode.start();
    await node.call("generatetoaddress", 300, ADDRESS);
    // The second arrives while the coins are being written.
    node.child.kill("SIGINT");
    expect(await node.signal("SIGINT")).toMatchObject(CLEAN);
    expect((await expectWholeChain(node.dataDir)).height).toBe(300);
  });

  test("at a height that was given", async () => {
    // It may be over before anybody could have asked it anything.
    const node = await TestNode.spawn(temporaryFolder(), [
      "-stopatheight=7",
      "-mining=continuous",
      `-miningaddress=${ADDRESS}`,
    ]);
    expect(await node.exit()).toMatchObject(CLEAN);
    expect((await expectWholeChain(node.dataDir)).height).toBeGreaterThanOrEqual(7);
  });
});

describe("a hard end", () => {
  test("kill -9, again and again, and the chain is whole", async () => {
    const dataDir = temporaryFolder();
    let height = 0;
    for (const delayMs of [0, 15, 60]) {
      const node = await TestNode.start(dataDir);
      expect(await node.call("getblockcount")).toBe(height);
      await node.call("generatetoaddress", 30, ADDRESS);
      const more = node.call("generatetoaddress", 1000, ADDRESS).catch(() => undefined);
      await new Promise((resume) => setTimeout(resume, delayMs));
      expect(await node.signal("SIGKILL")).toMatchObject({ code: null, signal: "SIGKILL" });
      await more;
      const after = await expectWholeChain(dataDir);
      expect(after.height).toBeGreaterThanOrEqual(height);
      height = after.height;
    }
    expect((await expectWholeChain(dataDir)).height).toBe(height);
  });

  test("an error of our own is one line, details in the log, exit code 1", async () => {
    const dataDir = temporaryFolder();
    const source = new URL("../../packages/node/src/", import.meta.url).pathname;
    const program = `
      import { runNode } from "${source}main.ts";
      import { readConfig } from "${source}config/config.ts";
      const args = ["-regtest", "-datadir=${dataDir}", "-printtoconsole=0", "-server=0"];
      const { config } = readConfig(args, { defaultDataDir: "/nowhere", workingDir: "/" }, "1");
      const onStarted = () => void setTimeout(() => { throw new Error("it broke\\nbadly"); });
      process.exitCode = await runNode(config, {}, { onStarted });`;
    const exit = await run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
    const log = join(dataDir, "regtest/debug.log");
    expect(exit).toMatchObject({
      code: 1,
      stderr: `Error: A fatal internal error occurred, see ${log} for details: it broke\n`,
    });
    expect(readFileSync(log, "utf8")).toMatch(/\[error\] Uncaught error stack="Error: it broke/);
  });
});

describe("the log", () => {
  test("has Core's line form and says when it is done loading", async () => {
    const node = await TestNode.start();
    expect(node.log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ Done loading$/m);
    await node.stop();
    expect(node.log).toMatch(/Z Shutdown done\n$/);
  });

  test("holds the line before the reply has left", async () => {
    const node = await TestNode.start();
    await node.call("generatetoaddress", 1, ADDRESS);
    expect(node.log).toContain(`UpdateTip: new best=${await node.call("getbestblockhash")}`);
    await node.stop();
  });

  test("names thread, module and microseconds on demand, and never a password", async () => {
    const flags = ["-logtimemicros", "-logthreadnames", "-logsourcelocations", "-rpcuser=me", "-rpcpassword=secret1"];
    const node = await TestNode.spawn(temporaryFolder(), flags);
    await eventually(() =>
      existsSync(join(node.networkDir, "debug.log")) && /Done/.test(node.log) ? true : undefined,
    );
    expect(node.log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \[init\] \[\S+:\d+\] \[\S+\] Done loading$/m);
    expect(node.log).not.toContain("secret1");
    await node.signal("SIGTERM");
  });
});

test("-daemon returns at once, and the node starts and goes on with nobody to tell", async () => {
  const dataDir = temporaryFolder();
  const connection = ["-regtest", `-datadir=${dataDir}`, `-rpcport=${await freePort()}`];
  const exit = await run(BITCOIND, [...connection, "-listen=0", "-daemon"]);
  expect(exit).toMatchObject({ code: 0, stdout: "Bitfleet starting\n", stderr: "" });
  const log = () =>
    existsSync(join(dataDir, "regtest/debug.log")) ? readFileSync(join(dataDir, "regtest/debug.log"), "utf8") : "";
  await eventually(() => (/Done loading/.test(log()) ? true : undefined));
  expect((await run(BITCOIN_CLI, [...connection, "-rpcwait", "getblockcount"])).stdout).toBe("0\n");
  const pid = Number(readFileSync(join(dataDir, "regtest/bitcoind.pid"), "utf8"));
  await run(BITCOIN_CLI, [...connection, "stop"]);
  await eventually(() => (existsSync(`/proc/${pid}`) ? undefined : true));
  expect(log()).toContain("Shutdown done");
  expect(log()).not.toContain("Uncaught error");
});

test("-daemonwait returns when the node answers, and the node goes on", async () => {
  const dataDir = temporaryFolder();
  const connection = ["-regtest", `-datadir=${dataDir}`, `-rpcport=${await freePort()}`];
  const exit = await run(BITCOIND, [...connection, "-listen=0", "-daemonwait"]);
  expect(exit).toMatchObject({ code: 0, stdout: "Bitfleet starting\n", stderr: "" });
  expect((await run(BITCOIN_CLI, [...connection, "getblockcount"])).stdout).toBe("0\n");
  const pid = Number(readFileSync(join(dataDir, "regtest/bitcoind.pid"), "utf8"));
  await run(BITCOIN_CLI, [...connection, "stop"]);
  await eventually(() => (existsSync(`/proc/${pid}`) ? undefined : true));
});
