import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import type { WebAccessConfig } from "./web-access.ts";

const ENVIRONMENT = { defaultDataDir: "/tmp/bitfleet-none", workingDir: "/tmp" };
const GOOD_KEY = "0f1e2d3c4b5a69788796a5b4";

function read(network: string, ...args: string[]): WebAccessConfig {
  const outcome = readConfig([network, "-webport=8080", ...args], ENVIRONMENT, "1");
  if (!("config" in outcome)) throw new Error("the configuration was not read");
  return outcome.config.web!.access;
}
const on = (...args: string[]) => read("-regtest", ...args);
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("keys that everybody knows", () => {
  const PUBLIC_SIGNET = "-signet";
  const PRIVATE_SIGNET = ["-signet", "-signetchallenge=51"] as const;

  test("are taken where the network is private and nobody else reaches the server", () => {
    for (const bind of [[], ["-webbind=127.0.0.1"], ["-webbind=127.1.2.3"], ["-webbind=::1"], ["-webbind=localhost"]])
      for (const [network, ...more] of [["-regtest"], PRIVATE_SIGNET])
        expect(read(network!, ...more, ...bind, "-webadminkey=admin-secret").adminKey).toBe("admin-secret");
  });

  test.each([
    ["-regtest", "-webbind=0.0.0.0"],
    ["-regtest", "-webbind=192.168.1.5"],
    ["-regtest", "-webbind=::"],
    ["-signet", "-signetchallenge=51", "-webbind=0.0.0.0"],
    [PUBLIC_SIGNET, "-webbind=127.0.0.1"],
    ["-testnet4", "-webbind=127.0.0.1"],
    ["-chain=main", "-webbind=127.0.0.1"],
  ])("are refused with %s %s", (network, ...more) => {
    for (const [option, variable] of [
      ["webadminkey", "BITCOIN_API_ADMIN_KEY"],
      ["webwalletkey", "BITCOIN_API_WALLET_KEY"],
    ]) {
      const message = messageOf(() => read(network, ...more, `-${option}=Admin_Secret`));
      expect(message).toContain(`The key of -${option} (${variable}) is a placeholder of an example`);
      expect(message).toContain("openssl rand -hex 24");
      expect(message).not.toContain("Admin_Secret");
      expect(messageOf(() => read(network, ...more, `-${option}=0f1e2d3c4b5a697`))).toContain("has 15 characters");
      expect(messageOf(() => read(network, ...more, `-${option}=${GOOD_KEY}`))).toBe("");
    }
  });

  test("and what is no key at all is refused anywhere, unseen", () => {
    expect(messageOf(() => on("-webadminkey=two words"))).toBe(
      "-webadminkey must be 1 to 256 printable ASCII characters without spaces.",
    );
    expect(on("-webadminkey=", "-webwalletkey=")).toMatchObject({ adminKey: undefined, walletKey: undefined });
  });
});

test("the files of keys and calls are the network's, unless they are named", () => {
  expect(on()).toMatchObject({
    keysFile: { path: "/tmp/bitfleet-none/regtest/api-keys.json", isRequired: false },
    auditFile: "/tmp/bitfleet-none/regtest/audit.log",
    requiresKey: false,
  });
  expect(on("-webkeysfile=/etc/keys.json", "-webauditlog=/var/log/audit.log", "-webrequirekey")).toMatchObject({
    keysFile: { path: "/etc/keys.json", isRequired: true },
    auditFile: "/var/log/audit.log",
    requiresKey: true,
  });
  expect(on("-webkeysfile=k.json").keysFile?.path).toBe("/tmp/bitfleet-none/regtest/k.json");
  expect(on("-nowebkeysfile", "-webauditlog=0")).toMatchObject({ keysFile: undefined, auditFile: undefined });
  expect(on("-nowebauditlog").auditFile).toBeUndefined();
});

test("limits", () => {
  expect(on().limits).toEqual({
    address: undefined,
    key: undefined,
    settingsFile: undefined,
    redisUrl: undefined,
    storeFailure: "memory",
  });
  expect(on("-webratelimit=10/0.5", "-webkeyratelimit=0").limits).toMatchObject({
    address: { capacity: 10, refillPerSecond: 0.5 },
    key: "off",
  });
  expect(on("-nowebratelimit").limits.address).toBe("off");
  expect(messageOf(() => on("-webratelimit=10"))).toBe(
    "Invalid value '10' for -webratelimit: calls at once / calls a second are expected, as 600/60, or 0 for no limit.",
  );
  expect(on("-webratesettings=/etc/Settings.toml").limits.settingsFile).toBe("/etc/Settings.toml");
  expect(messageOf(() => on("-webredisfailure=panic"))).toContain("memory, open or closed is expected");
});

test.each([
  ["redis:6379", "redis://redis:6379"],
  ["redis", "redis://redis"],
  ["127.0.0.1:6380", "redis://127.0.0.1:6380"],
  ["redis://:p4ss@host:6380/2", "redis://:p4ss@host:6380/2"],
  ["rediss://user:p4ss@host", "rediss://user:p4ss@host"],
  ["0", undefined],
])("the Redis %s", (text, url) => {
  expect(on(`-webredis=${text}`).limits.redisUrl).toBe(url);
});

test.each(["http://h:p4ss@x", "user:p4ss@host:1", "redis://h/p4ss", "p4ss word", "redis://:p4ss@"])(
  "%s is no Redis, and is not shown: there may be a password in it",
  (text) => {
    const message = messageOf(() => on(`-webredis=${text}`));
    expect(message).toMatch(/^Invalid value for -webredis \(REDIS_URL\)/);
    expect(message).not.toContain("p4ss");
  },
);

test("proxies are addresses, ranges and the words for some", () => {
  expect(on("-webtrustproxy=10.0.0.0/8, ::1", "-webtrustproxy=loopback").trustedProxies).toEqual([
    "10.0.0.0/8",
    "::1",
    "loopback",
  ]);
  for (const wrong of ["10.0.0.0/33", "10.0.0", "::1/129", "proxy.example", "", "*", "10.0.0.1/"])
    expect(
      messageOf(() => on(`-webtrustproxy=10.0.0.1,${wrong}`)),
      wrong,
    ).toContain(`Invalid value '${wrong}' for -webtrustproxy`);
});
