import { describe, expect, test } from "vitest";
import { containerNameOf, instanceNeeds, instanceOf, LONE_INSTANCE, serviceToLookUp } from "./instance.ts";

const MINER = { NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local" };
const NOTHING = { folder: false, turn: false, earlier: false };
const ALL = { folder: true, turn: true, earlier: true };

describe("what has to be known", () => {
  test("follows from the variables that use it", () => {
    expect(
      instanceNeeds({ NODE_IS_WEB_SERVER: "yes", NODE_CONNECT_NODES: "local", WALLET_ADDRESS_POOL: "a,b" }),
    ).toEqual(NOTHING);
    expect(instanceNeeds({ NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "miner-0:2001" })).toEqual(NOTHING);
    expect(instanceNeeds(MINER)).toEqual({ ...NOTHING, earlier: true });
    expect(instanceNeeds({ NODE_IS_WEB_SERVER: "yes", NODE_INSTANCE_DIRS: "yes" })).toEqual({
      ...NOTHING,
      folder: true,
    });
    expect(instanceNeeds({ NODE_IS_MINER: "yes", WALLET_ADDRESS_POOL: "a" })).toEqual(NOTHING);
    expect(instanceNeeds({ NODE_IS_MINER: "yes", WALLET_ADDRESS_POOL: "a,b" })).toEqual({ ...NOTHING, turn: true });
    expect(instanceNeeds({ NODE_IS_MINER: "yes", WALLET_ADDRESS_POOL: "a,b", NODE_MINING_ADDRESS: "c" })).toEqual(
      NOTHING,
    );
  });

  test("nothing is looked up where the variables say it, or where nobody wants it", () => {
    const service = { NODE_SERVICE: "miner" };
    expect(serviceToLookUp(service, NOTHING)).toBeUndefined();
    for (const need of ["folder", "turn", "earlier"]) {
      expect(serviceToLookUp(service, { ...NOTHING, [need]: true })).toBe("miner");
    }
    expect(serviceToLookUp({ ...service, INSTANCE_NUMBER: "2" }, { ...ALL, earlier: false })).toBeUndefined();
    expect(serviceToLookUp({ ...service, INSTANCE_NUMBER: "1" }, ALL)).toBeUndefined();
    // The project is part of the name of the one before.
    expect(serviceToLookUp({ ...service, INSTANCE_NUMBER: "2" }, ALL)).toBe("miner");
    expect(serviceToLookUp({ ...service, POD_NAME: "miner-2" }, ALL)).toBeUndefined();
    expect(serviceToLookUp({}, ALL)).toBeUndefined();
  });
});

describe("the name of a container", () => {
  test.each([
    ["shop-miner-2.shop_default", { project: "shop", separator: "-", number: 2 }],
    ["shop_miner_12", { project: "shop", separator: "_", number: 12 }],
    ["miner-miner-3.miner_default", { project: "miner", separator: "-", number: 3 }],
    ["a-miner-b-miner-3.x", { project: "a-miner-b", separator: "-", number: 3 }],
    ["my_shop-miner-1.net-miner-9", { project: "my_shop", separator: "-", number: 1 }],
    ["shop-miner_1.x", undefined],
    ["shop-miner-0.x", undefined],
    ["shop-miner-01.x", undefined],
    ["shop-miner-1x.x", undefined],
    ["shop-miner-run-1f2e.x", undefined],
    ["shop-webserver-1.x", undefined],
    ["miner-1.x", undefined],
    ["3f2a9c.x", undefined],
  ])("%s", (text, name) => {
    expect(containerNameOf(text, "miner")).toEqual(name);
  });

  test("with a service whose name has signs of a pattern", () => {
    expect(containerNameOf("shop-a.b-1.x", "a.b")).toMatchObject({ number: 1 });
    expect(containerNameOf("shop-axb-1.x", "a.b")).toBeUndefined();
  });
});

describe("pods", () => {
  const pod = { ...MINER, POD_NAMESPACE: "blockchain" };

  test("are counted from 0, and each but the first follows the one before by its name in the cluster", () => {
    expect(instanceOf({ ...pod, POD_NAME: "miner-0" }, ALL, undefined)).toEqual({
      index: 0,
      name: "miner-0",
      earlier: undefined,
    });
    expect(instanceOf({ ...pod, POD_NAME: "miner-2" }, ALL, undefined)).toEqual({
      index: 2,
      name: "miner-2",
      earlier: { name: "miner-1", host: "miner-1.miner-headless.blockchain.svc.cluster.local" },
    });
    const named = { ...pod, POD_NAME: "eu-miner-10", POD_SERVICE: "peers", CLUSTER_DOMAIN: "k8s.example" };
    expect(instanceOf(named, ALL, undefined)).toMatchObject({
      index: 10,
      earlier: { name: "eu-miner-9", host: "eu-miner-9.peers.blockchain.svc.k8s.example" },
    });
  });

  test("need no namespace where nobody is followed", () => {
    expect(instanceOf({ POD_NAME: "miner-0" }, ALL, undefined).earlier).toBeUndefined();
    expect(instanceOf({ POD_NAME: "miner-1" }, { ...ALL, earlier: false }, undefined).name).toBe("miner-1");
    expect(() => instanceOf({ POD_NAME: "miner-1", POD_NAMESPACE: "" }, ALL, undefined)).toThrow(
      "POD_NAMESPACE is needed beside POD_NAME: with NODE_CONNECT_NODES=local miner-1 connects to miner-0, whose address has the namespace in it.",
    );
  });

  test("of a Deployment have no number", () => {
    for (const name of ["webserver-7d4f9c-x2v4q", "miner", "miner-", "miner-01", "miner-1x"]) {
      expect(instanceOf({ POD_NAME: name }, { ...ALL, folder: false }, undefined)).toEqual(LONE_INSTANCE);
      expect(() => instanceOf({ POD_NAME: name }, ALL, undefined)).toThrow(
        `NODE_INSTANCE_DIRS=yes needs to know which instance this is: POD_NAME '${name}' has no number at its end, as pods of a StatefulSet have it.`,
      );
    }
  });
});

describe("containers of Compose", () => {
  const service = { NODE_SERVICE: "miner" };
  const found = (number: number, separator = "-") => ({ project: "shop", separator, number });

  test("are counted from 1, and each but the first follows the one before", () => {
    expect(instanceOf(service, ALL, found(1))).toEqual({ index: 0, name: "miner-1", earlier: undefined });
    expect(instanceOf(service, ALL, found(3))).toEqual({
      index: 2,
      name: "miner-3",
      earlier: { name: "miner-2", host: "shop-miner-2" },
    });
    expect(instanceOf(service, ALL, found(2, "_")).earlier?.host).toBe("shop_miner_1");
  });

  test("take the number that they are given", () => {
    expect(instanceOf({ ...service, INSTANCE_NUMBER: "1" }, ALL, undefined)).toMatchObject({
      index: 0,
      name: "miner-1",
    });
    expect(instanceOf({ ...service, INSTANCE_NUMBER: "4" }, ALL, found(2))).toMatchObject({
      index: 3,
      earlier: { host: "shop-miner-3" },
    });
    expect(instanceOf({ INSTANCE_NUMBER: "2" }, { ...NOTHING, turn: true }, undefined).index).toBe(1);
    for (const text of ["0", "-1", "two", "1.5", "01"]) {
      expect(() => instanceOf({ INSTANCE_NUMBER: text }, NOTHING, undefined)).toThrow(
        `Invalid value '${text}' for INSTANCE_NUMBER: a whole number from 1 on is expected.`,
      );
    }
  });

  test("that nobody can tell apart end the start, where it matters", () => {
    expect(instanceOf(service, NOTHING, undefined)).toEqual(LONE_INSTANCE);
    expect(() => instanceOf(service, { ...NOTHING, turn: true }, undefined)).toThrow(
      "The number of this container among those of the service miner (NODE_SERVICE) cannot be found by its address: set INSTANCE_NUMBER, counted from 1.",
    );
    for (const more of [service, {}]) {
      const environment = { ...more, INSTANCE_NUMBER: "2" };
      expect(() => instanceOf(environment, { ...NOTHING, earlier: true }, undefined)).toThrow(
        /^INSTANCE_NUMBER=2 with NODE_CONNECT_NODES=local .* name it in NODE_CONNECT_NODES, as host:port\.$/,
      );
    }
    expect(() => instanceOf({ INSTANCE_NUMBER: "2" }, { ...NOTHING, folder: true }, undefined)).toThrow(
      "NODE_INSTANCE_DIRS=yes needs to know which instance this is: set NODE_SERVICE (Compose) or POD_NAME (Kubernetes).",
    );
    expect(() => instanceOf({}, { ...NOTHING, folder: true }, undefined)).toThrow(/^NODE_INSTANCE_DIRS=yes needs/);
    expect(instanceOf({}, { ...ALL, folder: false }, undefined)).toEqual(LONE_INSTANCE);
  });
});

test("a name that would lead elsewhere as a folder is refused", () => {
  for (const variable of ["POD_NAME", "NODE_SERVICE"]) {
    for (const name of ["../../etc/miner-0", "a/b-1", "mïner-1", "a b-1", `${"a".repeat(200)}-1`, "a\nb-1"]) {
      const environment = { [variable]: name, INSTANCE_NUMBER: "1" };
      expect(() => instanceOf(environment, { ...NOTHING, folder: true }, undefined), name).toThrow(
        `Invalid value '${name}' for ${variable}: a name of letters, digits, dots, dashes and underscores is expected.`,
      );
    }
  }
});
