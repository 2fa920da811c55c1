import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { expect, test } from "vitest";
import { type Instance, LONE_INSTANCE } from "./container/instance.ts";
import {
  CONTAINER_VARIABLES,
  checkMiningAddress,
  environmentArguments,
  environmentWarnings,
  nodeToWaitFor,
} from "./environment.ts";

const instance = (index: number, host?: string): Instance => ({
  index,
  name: `miner-${index}`,
  earlier: host === undefined ? undefined : { name: `miner-${index - 1}`, host },
});

test("without a role nothing of the environment counts", () => {
  expect(environmentArguments({ NODE_CONNECT_NODES: "other:2001", POD_IP: "10.0.0.1" })).toEqual([]);
  expect(environmentArguments({ NODE_IS_MINER: "", NODE_IS_WEB_SERVER: "" })).toEqual([]);
});

test("the first miner and one that follows it", () => {
  expect(
    environmentArguments({ NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local", NODE_MINING_ADDRESS: "bcrt1q" }),
  ).toEqual(["-mining=interval", "-miningaddress=bcrt1q", "-bind=0.0.0.0:2001"]);
  expect(
    environmentArguments({
      NODE_IS_MINER: "yes",
      NODE_IS_WEB_SERVER: "no",
      NODE_CONNECT_NODES: "miner-0.miner-headless:2001, miner-1",
      NODE_ADDR: "127.0.0.1:2002",
    }),
  ).toEqual(["-mining=interval", "-bind=127.0.0.1:2002", "-addnode=miner-0.miner-headless:2001", "-addnode=miner-1"]);
});

test("miners of a set take their addresses from a pool in turn, unless one is given", () => {
  const pool = { NODE_IS_MINER: "yes", WALLET_ADDRESS_POOL: "a, b,c," };
  const address = (index: number, more: Record<string, string> = {}) =>
    environmentArguments({ ...pool, ...more }, instance(index)).find((word) => word.startsWith("-miningaddress="));
  expect([0, 1, 2, 3].map((index) => address(index))).toEqual(
    ["a", "b", "c", "a"].map((one) => `-miningaddress=${one}`),
  );
  expect(address(1, { NODE_MINING_ADDRESS: "mine" })).toBe("-miningaddress=mine");
  expect(address(0, { WALLET_ADDRESS_POOL: " , " })).toBeUndefined();
  expect(() => checkMiningAddress(pool, instance(1), "b", regtestNetwork().addressPrefixes)).toThrow(
    /^Invalid address 'b' for WALLET_ADDRESS_POOL: /,
  );
});

test("a miner that is not the first connects to the one before, at the port for peers that it has itself", () => {
  const second = instance(1, "shop-miner-1");
  const nodes = (more: Record<string, string>, one = second) =>
    environmentArguments({ NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local", ...more }, one).filter((word) =>
      word.startsWith("-addnode="),
    );
  expect(nodes({})).toEqual(["-addnode=shop-miner-1:2001"]);
  expect(nodes({ NODE_ADDR: "0.0.0.0:2005" })).toEqual(["-addnode=shop-miner-1:2005"]);
  expect(nodes({ NODE_ADDR: " 0.0.0.0:2005 " })).toEqual(["-addnode=shop-miner-1:2005"]);
  expect(nodes({ NODE_ADDR: "" })).toEqual(["-addnode=shop-miner-1:2001"]);
  expect(nodes({ NODE_CONNECT_NODES: "local,other:2001" })).toEqual([
    "-addnode=shop-miner-1:2001",
    "-addnode=other:2001",
  ]);
  expect(nodes({ NODE_CONNECT_NODES: "other:2001" })).toEqual(["-addnode=other:2001"]);
  expect(nodes({}, instance(0))).toEqual([]);
  expect(() => nodes({}, instance(1, "miner-0.a b.svc"))).toThrow(
    "The name of the node before this one, 'miner-0.a b.svc', cannot be a host's: see POD_SERVICE, POD_NAMESPACE and CLUSTER_DOMAIN.",
  );
});

test("one that is to wait asks the node before at its port for health", () => {
  const variables = {
    NODE_IS_MINER: "yes",
    NODE_CONNECT_NODES: "local",
    SEQUENTIAL_STARTUP: "yes",
    WEB_METRICS_BIND: "0.0.0.0:9332",
  };
  const second = instance(1, "miner-0.miner-headless");
  const waits = (more: Record<string, string>, one = second) => nodeToWaitFor({ ...variables, ...more }, one);
  expect(waits({})).toEqual({ name: "miner-0", host: "miner-0.miner-headless", port: 9332 });
  expect(waits({}, instance(0))).toBeUndefined();
  expect(waits({ SEQUENTIAL_STARTUP: "no" })).toBeUndefined();
  expect(waits({ SEQUENTIAL_STARTUP: "" })).toBeUndefined();
  expect(waits({ NODE_CONNECT_NODES: "other:2001" })).toBeUndefined();
  expect(waits({ NODE_IS_MINER: "no", NODE_IS_WEB_SERVER: "yes" })).toBeUndefined();
  // Also of the first, so that it does not show only with the second.
  for (const text of ["", "0.0.0.0"]) {
    expect(() => waits({ WEB_METRICS_BIND: text }, instance(0))).toThrow(
      /^SEQUENTIAL_STARTUP=yes needs WEB_METRICS_BIND with a port, as 0\.0\.0\.0:9332: /,
    );
  }
  expect(() => waits({ SEQUENTIAL_STARTUP: "perhaps" })).toThrow("SEQUENTIAL_STARTUP: yes or no is expected");
});

test("how often a miner makes blocks, and how many at once", () => {
  const words = (more: Record<string, string>) => environmentArguments({ NODE_IS_MINER: "yes", ...more });
  expect(words({ MINING_INTERVAL_SECONDS: "2.5", MINING_FIRST_BLOCKS: "101" })).toEqual([
    "-mining=interval",
    "-mininginterval=2.5",
    "-miningfirstblocks=101",
    "-bind=0.0.0.0:2001",
  ]);
  expect(words({ MINING_INTERVAL_SECONDS: "", MINING_FIRST_BLOCKS: "" })).toEqual([
    "-mining=interval",
    "-bind=0.0.0.0:2001",
  ]);
  for (const text of ["0", "-1", "fast", "1e3"]) {
    expect(() => words({ MINING_INTERVAL_SECONDS: text })).toThrow(
      `Invalid value '${text}' for MINING_INTERVAL_SECONDS: a number of seconds above zero is expected.`,
    );
  }
  expect(() => words({ MINING_FIRST_BLOCKS: "-1" })).toThrow(
    "Invalid value '-1' for MINING_FIRST_BLOCKS: a whole number is expected.",
  );
  const webServer = { NODE_IS_WEB_SERVER: "yes", MINING_INTERVAL_SECONDS: "2", MINING_FIRST_BLOCKS: "101" };
  expect(environmentArguments(webServer).join()).not.toContain("mining");
  expect(environmentArguments({ ...webServer, WEB_DRAIN_SECONDS: "5" })).toContain("-webdrain=5");
  expect(() => environmentArguments({ ...webServer, WEB_DRAIN_SECONDS: "5s" })).toThrow(
    "Invalid value '5s' for WEB_DRAIN_SECONDS: a whole number is expected.",
  );
});

test("a node that is neither miner nor web server has the wallet of the network", () => {
  const variables = {
    WALLET_FILE: "treasury",
    WALLET_MNEMONIC_FILE: "/secrets/phrase",
    WALLET_API_BIND: "0.0.0.0:8080",
  };
  expect(environmentArguments({ NODE_IS_MINER: "no", NODE_IS_WEB_SERVER: "no", ...variables })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-walletfile=treasury",
    "-walletmnemonicfile=/secrets/phrase",
    "-bind=0.0.0.0:2001",
  ]);
  const web = environmentArguments({ NODE_IS_WEB_SERVER: "yes", ...variables, WALLET_API_BIND: "127.0.0.1:9000" });
  expect(web.filter((word) => /wallet|web(bind|port)/.test(word))).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-disablewallet",
  ]);
  // Who mines and serves pages has both.
  const both = environmentArguments({ NODE_IS_MINER: "yes", NODE_IS_WEB_SERVER: "yes", ...variables });
  expect(both.filter((word) => word.startsWith("-wallet"))).toEqual([
    "-walletfile=treasury",
    "-walletmnemonicfile=/secrets/phrase",
  ]);
});

test("a miner has a wallet of its own; a web server has another node's", () => {
  const variables = {
    WALLET_FILE: "/data/wallet",
    WALLET_NODE_URL: "http://miner-service:8080",
    WALLET_NODE_KEY: "",
    WALLET_NODE_KEY_FILE: "/secrets/key",
  };
  const walletWords = (role: "NODE_IS_MINER" | "NODE_IS_WEB_SERVER") =>
    environmentArguments({ [role]: "yes", ...variables }).filter((word) => word.startsWith("-wallet"));
  const elsewhere = ["-walletnodeurl=http://miner-service:8080", "-walletnodekeyfile=/secrets/key"];
  expect(walletWords("NODE_IS_MINER")).toEqual(["-walletfile=/data/wallet", ...elsewhere]);
  expect(walletWords("NODE_IS_WEB_SERVER")).toEqual(elsewhere);
  expect(environmentArguments({ NODE_IS_MINER: "yes", WALLET_API_BIND: "0.0.0.0:8080" })).toEqual([
    "-mining=interval",
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-bind=0.0.0.0:2001",
  ]);
  for (const text of ["8080", "miner-0:8080", "0.0.0.0"]) {
    expect(() => environmentArguments({ NODE_IS_MINER: "yes", WALLET_API_BIND: text })).toThrow(
      `Invalid value '${text}' for WALLET_API_BIND: an IP address with a port is expected, as 0.0.0.0:8080.`,
    );
  }
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes" })).toContain("-disablewallet");
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", NODE_IS_MINER: "yes" })).not.toContain("-disablewallet");
  expect(environmentArguments({ NODE_IS_MINER: "no", WALLET_FILE: "", WALLET_NODE_KEY: "k" })).toEqual([
    "-walletnodekey=k",
    "-bind=0.0.0.0:2001",
  ]);
});

test("a web server in a pod tells others the pod's address", () => {
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", POD_IP: "10.1.2.3" })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-txindex",
    "-txospenderindex",
    "-disablewallet",
    "-bind=0.0.0.0:2001",
    "-externalip=10.1.2.3:2001",
  ]);
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", POD_IP: "fd00::7", NODE_ADDR: "[::]:2005" })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-txindex",
    "-txospenderindex",
    "-disablewallet",
    "-bind=[::]:2005",
    "-externalip=[fd00::7]:2005",
  ]);
});

test("what a web server is told besides", () => {
  const variables = {
    WEB_CORS: "https://app.example.com",
    WEB_LOG: "yes",
    WEB_METRICS_BIND: "0.0.0.0:9332",
    WEB_TLS_CERT: "/tls/tls.crt",
    WEB_TLS_KEY: "/tls/tls.key",
  };
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", ...variables })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-txindex",
    "-txospenderindex",
    "-disablewallet",
    "-webcors=https://app.example.com",
    "-weblog=1",
    "-webtlscert=/tls/tls.crt",
    "-webtlskey=/tls/tls.key",
    "-webmetricsbind=0.0.0.0:9332",
    "-bind=0.0.0.0:2001",
  ]);
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", WEB_LOG: "no", WEB_CORS: "" })).toEqual([
    "-webbind=0.0.0.0",
    "-webport=8080",
    "-txindex",
    "-txospenderindex",
    "-disablewallet",
    "-weblog=0",
    "-bind=0.0.0.0:2001",
  ]);
  expect(environmentArguments({ NODE_IS_MINER: "yes", ...variables }).filter((one) => one.startsWith("-web"))).toEqual([
    "-webmetricsbind=0.0.0.0:9332",
  ]);
  expect(() => environmentArguments({ NODE_IS_WEB_SERVER: "yes", WEB_LOG: "loud" })).toThrow(
    "Invalid value 'loud' for WEB_LOG: yes or no is expected.",
  );
});

test("the admin key of a secret, where it is filled in and the node has a role", () => {
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "no", BITCOIN_API_ADMIN_KEY: "k3y" })).toContain(
    "-webadminkey=k3y",
  );
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "no", BITCOIN_API_ADMIN_KEY: "k3y\n" })).toContain(
    "-webadminkey=k3y",
  );
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "no", BITCOIN_API_ADMIN_KEY: "" }).join()).not.toContain("key");
  expect(environmentArguments({ BITCOIN_API_ADMIN_KEY: "k3y" })).toEqual([]);
});

test("who may call the web server, and how often, where the node has a role", () => {
  const environment = {
    BITCOIN_API_WALLET_KEY: "w4llet",
    REDIS_URL: "redis://redis:6379",
    RL_SETTINGS_PATH: "/app/Settings.toml",
    WEB_TRUST_PROXY: "10.0.0.0/8",
  };
  const args = ["-webwalletkey=w4llet", "-webredis=redis://redis:6379", "-webratesettings=/app/Settings.toml"];
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "yes", ...environment })).toEqual(
    expect.arrayContaining([...args, "-webtrustproxy=10.0.0.0/8"]),
  );
  expect(environmentArguments(environment)).toEqual([]);
  const empty = Object.fromEntries(Object.keys(environment).map((name) => [name, ""]));
  expect(environmentArguments({ NODE_IS_WEB_SERVER: "no", ...empty })).toEqual(["-bind=0.0.0.0:2001"]);
});

test("what is no value says what was expected", () => {
  expect(() => environmentArguments({ NODE_IS_MINER: "maybe" })).toThrow(
    "Invalid value 'maybe' for NODE_IS_MINER: yes or no is expected.",
  );
  expect(() => environmentArguments({ NODE_IS_MINER: "no", NODE_ADDR: "miner:2001" })).toThrow(
    "Invalid value 'miner:2001' for NODE_ADDR: an IP address with a port is expected, as 0.0.0.0:2001.",
  );
  expect(() => environmentArguments({ NODE_IS_MINER: "no", POD_IP: "x" })).toThrow(
    "Invalid value 'x' for POD_IP: an IP address is expected.",
  );
});

test.each([
  ["a:b:c", "a:b:c"],
  [",", ""],
  ["miner-0:2001,", ""],
  ["miner-0:2001,,miner-1", ""],
  ["miner-0:0", "miner-0:0"],
  ["miner-0:65536", "miner-0:65536"],
  ["miner 0", "miner 0"],
  [":2001", ":2001"],
])("no nodes to connect to: %j", (text, wrong) => {
  expect(() => environmentArguments({ NODE_IS_MINER: "no", NODE_CONNECT_NODES: text })).toThrow(
    `Invalid value '${wrong}' in NODE_CONNECT_NODES: local, or host:port of each node with commas between, is expected.`,
  );
});

test.each([
  ["", []],
  ["local", []],
  ["miner_0:65535", ["-addnode=miner_0:65535"]],
  ["[::1]:2001, 10.0.0.1", ["-addnode=[::1]:2001", "-addnode=10.0.0.1"]],
])("nodes to connect to: %j", (text, args) => {
  expect(environmentArguments({ NODE_IS_MINER: "no", NODE_CONNECT_NODES: text })).toEqual([
    "-bind=0.0.0.0:2001",
    ...args,
  ]);
});

test("all that is read is named, so that a launcher can keep its own from its nodes", () => {
  const read = new Set<string>();
  const watched = (values: Record<string, string>) =>
    new Proxy(values, {
      get(target, name: string) {
        read.add(name);
        return target[name];
      },
    });
  for (const role of ["NODE_IS_MINER", "NODE_IS_WEB_SERVER", "OTHER"]) {
    const environment = watched({ NODE_IS_MINER: "no", [role]: "yes", SEQUENTIAL_STARTUP: "no" });
    environmentArguments(environment);
    environmentWarnings(environment);
    nodeToWaitFor(environment, LONE_INSTANCE);
  }
  expect([...read].filter((name) => !CONTAINER_VARIABLES.includes(name))).toEqual([]);
  expect(read.size).toBeGreaterThan(20);
});

test("what has no effect without a role is said", () => {
  expect(environmentWarnings({ NODE_CONNECT_NODES: "miner-0" })).toEqual([
    expect.stringMatching(/^NODE_CONNECT_NODES has no effect without a role: set NODE_IS_MINER or NODE_IS_WEB_SERVER/),
  ]);
  expect(environmentWarnings({ NODE_CONNECT_NODES: "miner-0", NODE_IS_MINER: "no" })).toEqual([]);
  expect(environmentWarnings({ NODE_CONNECT_NODES: "miner-0", NODE_IS_WEB_SERVER: "yes" })).toEqual([]);
  expect(environmentWarnings({})).toEqual([]);
  expect(environmentWarnings({ NODE_DATA_DIR: "/data" })).toEqual([
    expect.stringMatching(/^NODE_DATA_DIR .* -datadir\.$/),
  ]);
});

test("a miner of a Deployment, which knows of nobody before it, is warned that it is alone", () => {
  const variables = { NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local" };
  expect(environmentWarnings({ ...variables, POD_NAME: "miner-7d4f9-x2" })).toEqual([
    expect.stringMatching(/^POD_NAME 'miner-7d4f9-x2' has no number at its end/),
  ]);
  expect(environmentWarnings({ ...variables, POD_NAME: "miner-1" })).toEqual([]);
  expect(environmentWarnings({ ...variables, POD_NAME: "miner-1", INSTANCE_NUMBER: "3" })).toEqual([
    "INSTANCE_NUMBER has no effect beside POD_NAME, whose number counts.",
  ]);
  // No set counts like this: its number is not the one that counts.
  expect(environmentWarnings({ ...variables, POD_NAME: "miner-00", INSTANCE_NUMBER: "3" })).toEqual([
    expect.stringMatching(/^POD_NAME 'miner-00' has no number at its end/),
  ]);
  expect(environmentWarnings(variables)).toEqual([]);
});

test("an address of the environment that is none is refused by the name it has there", () => {
  const { addressPrefixes } = regtestNetwork();
  const check = (fromEnvironment: string, used: string | undefined) => () =>
    checkMiningAddress({ NODE_MINING_ADDRESS: fromEnvironment }, LONE_INSTANCE, used, addressPrefixes);
  expect(check("abc", "abc")).toThrow(/^Invalid address 'abc' for NODE_MINING_ADDRESS: /);
  // Another of the command line is used in its place.
  expect(check("abc", "abcd")).not.toThrow();
  expect(check("abc", undefined)).not.toThrow();
  const valid = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
  expect(check(valid, valid)).not.toThrow();
});
