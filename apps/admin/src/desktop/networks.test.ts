import { type Collection, type OpenVault, type RecordValue, type Vault, VaultError } from "@bitfleet/vault/vault.ts";
import { describe, expect, test } from "vitest";
import { Networks } from "./networks.ts";
import type { OpenNetworks } from "./networks-state.ts";
import { NO_KEYS, type ProfileDraft } from "./profile.ts";

const PASSPHRASE = "correct horse";
const DEFAULT_URL = "http://127.0.0.1:8080";

/** A vault in memory, with what it was asked to write. */
function memoryVault() {
  const records = new Map<string, RecordValue>();
  let isLocked = true;
  let exists = false;
  let fails: Error | undefined;
  const guard = () => {
    if (isLocked) throw new VaultError("locked", "It is locked.");
    if (fails !== undefined) throw fails;
  };
  const open: OpenVault = {
    get: async (collection, key) => records.get(`${collection}/${key}`),
    list: async (collection: Collection, prefix = "") => {
      guard();
      const start = `${collection}/`;
      return [...records]
        .filter(([name]) => name.startsWith(start + prefix))
        .map(([name, value]) => ({ key: name.slice(start.length), value }));
    },
    write: async (changes) => {
      guard();
      for (const { collection, key, value } of changes) {
        if (value === undefined) records.delete(`${collection}/${key}`);
        else records.set(`${collection}/${key}`, value);
      }
    },
    changePassphrase: async () => {},
    isPassphrase: async (text) => text === PASSPHRASE,
    backup: async () => new Uint8Array(),
    lock: async () => {
      isLocked = true;
    },
  };
  const unlocked = () => {
    isLocked = false;
    return open;
  };
  const vault: Vault = {
    state: async () => ({ kind: exists ? (isLocked ? "locked" : "open") : "absent" }),
    create: async () => {
      exists = true;
      return unlocked();
    },
    unlock: async (text) => {
      if (text !== PASSPHRASE) throw new VaultError("wrong-passphrase", "That is not the passphrase.");
      return unlocked();
    },
    restore: async () => unlocked(),
    replace: async () => unlocked(),
    destroy: async () => {
      exists = false;
      records.clear();
    },
  };
  return {
    vault,
    records,
    lockFromOutside: () => {
      isLocked = true;
    },
    failWith: (error: Error | undefined) => {
      fails = error;
    },
  };
}

/** The desktop with all that happens to it in order. */
function desktop(memory = memoryVault(), namedUrl?: string) {
  const happened: string[] = [];
  const problems: unknown[] = [];
  let target = namedUrl ?? DEFAULT_URL;
  let lastId = 0;
  let refusal: Error | undefined;
  let held = Promise.resolve();
  const networks: Networks = new Networks({
    vault: memory.vault,
    client: {
      target: async () => target,
      namedUrl: async () => (target === namedUrl ? target : undefined),
      setTarget: async (url) => {
        if (refusal !== undefined) throw refusal;
        await held;
        target = url;
        happened.push(`target ${url} shows ${shown()?.name ?? "nothing"}`);
      },
    },
    newId: () => `id${++lastId}`,
    goToCommonPlace: async () => void happened.push("common place"),
    leave: () => void happened.push(`leave ${networks.keys.read("admin") === "" ? "without keys" : "with keys"}`),
    onProblem: (error) => problems.push(error),
  });
  const opened = () => networks.state as OpenNetworks;
  const shown = () => (networks.state.kind === "open" ? networks.state.active : undefined);
  return {
    networks,
    happened,
    problems,
    opened,
    names: () => opened().profiles.map(({ name }) => name),
    target: () => target,
    /** The process takes its time with the next target, until the answer is called. */
    hold: () => {
      let goOn = () => {};
      held = new Promise((resolve) => (goOn = resolve));
      return () => goOn();
    },
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
  };
}

const draft = (name: string, more: Partial<ProfileDraft> = {}): ProfileDraft => ({
  name,
  url: `http://${name.toLowerCase()}.example`,
  colour: "orange",
  keys: NO_KEYS,
  ...more,
});

async function withTwo() {
  const memory = memoryVault();
  const kit = desktop(memory);
  await kit.networks.start();
  await kit.networks.create(PASSPHRASE);
  const a = await kit.networks.save(draft("A", { keys: { ...NO_KEYS, admin: "key-a" } }));
  const b = await kit.networks.save(draft("B", { keys: { ...NO_KEYS, admin: "key-b" } }));
  await kit.networks.switchTo(a.id);
  kit.happened.length = 0;
  return { ...kit, memory, a, b };
}

describe("remembered networks", () => {
  test("begin without any, in a vault that is made first", async () => {
    const { networks, opened } = desktop();
    await networks.start();
    expect(networks.state.kind).toBe("absent");
    await networks.create(PASSPHRASE);
    expect(opened()).toMatchObject({ profiles: [], active: undefined, isRemembered: true, suggestedUrl: DEFAULT_URL });
  });

  test("are there after a restart, the last one shown, with its keys", async () => {
    const { memory, networks, b } = await withTwo();
    await networks.switchTo(b.id);
    memory.lockFromOutside();
    const later = desktop(memory);
    await later.networks.start();
    expect(later.networks.state.kind).toBe("locked");
    await expect(later.networks.unlock("wrong")).rejects.toThrow("not the passphrase");
    expect(later.networks.state.kind).toBe("locked");
    await later.networks.unlock(PASSPHRASE);
    expect(later.opened().active?.name).toBe("B");
    expect(later.target()).toBe(b.url);
    expect(later.networks.keys.read("admin")).toBe("key-b");
  });

  test("leave nothing of one when another is shown: first its place, page and keys go, then the process leads elsewhere", async () => {
    const { networks, happened, b } = await withTwo();
    await networks.switchTo(b.id);
    expect(happened).toEqual(["common place", "leave without keys", `target ${b.url} shows nothing`]);
    expect(networks.keys.read("admin")).toBe("key-b");
  });

  test("show none where the process does not take the address, and say why", async () => {
    const { networks, opened, refuse, b } = await withTwo();
    refuse(new Error("The address is none."));
    await networks.switchTo(b.id);
    expect(opened()).toMatchObject({ active: undefined, isSwitching: false, problem: "The address is none." });
    refuse(undefined);
    await networks.switchTo(b.id);
    expect(opened()).toMatchObject({ active: { name: "B" }, problem: undefined });
  });

  test("are shown anew where address or keys were changed", async () => {
    const { networks, happened, opened, a } = await withTwo();
    const { showing } = opened();
    await networks.save({ ...a, url: "http://elsewhere.example" });
    expect(happened).toEqual(["leave without keys", "target http://elsewhere.example shows nothing"]);
    expect(opened().showing).toBeGreaterThan(showing);
  });

  test("go on being shown where only name and colour were changed", async () => {
    const { networks, happened, opened, a } = await withTwo();
    const { showing } = opened();
    networks.keys.write("wallet", "for-now", false);
    await networks.save({ ...a, name: "Renamed", colour: "teal" });
    expect(happened).toEqual([]);
    expect(opened()).toMatchObject({ showing, active: { name: "Renamed", colour: "teal" } });
    expect([networks.keys.read("admin"), networks.keys.read("wallet")]).toEqual(["key-a", "for-now"]);
  });

  test("are out of reach with the program that led there", async () => {
    const { networks, happened } = await withTwo();
    networks.lose("The program has ended.");
    expect(networks.state).toEqual({ kind: "unreachable", problem: "The program has ended." });
    expect(networks.keys.read("admin")).toBe("");
    expect(happened).toEqual(["leave without keys"]);
  });

  test("are duplicated with keys, moved and removed, and stay so", async () => {
    const { networks, names, memory, a, b } = await withTwo();
    await networks.duplicate(a.id);
    expect(names()).toEqual(["A", "A 2", "B"]);
    await networks.move(b.id, -2);
    expect(names()).toEqual(["B", "A", "A 2"]);
    await networks.move(b.id, -1);
    await networks.remove(a.id);
    const later = desktop(memory);
    await later.networks.unlock(PASSPHRASE);
    expect(later.names()).toEqual(["B", "A 2"]);
    expect(later.opened().profiles[1]?.keys.admin).toBe("key-a");
  });

  test("show nothing when the one that was shown is removed", async () => {
    const { networks, happened, opened, a } = await withTwo();
    await networks.remove(a.id);
    expect(opened().active).toBeUndefined();
    expect(networks.keys.read("admin")).toBe("");
    expect(happened).toEqual(["common place", "leave without keys"]);
  });

  test("take those of a file that are new", async () => {
    const { networks, names } = await withTwo();
    expect(await networks.import([draft("A"), draft("C"), draft("B", { url: "http://other.example" })])).toBe(2);
    expect(names()).toEqual(["A", "B", "C", "B 2"]);
  });

  test("are refused beyond a hundred", async () => {
    const { networks } = await withTwo();
    const many = Array.from({ length: 99 }, (_, index) => draft(`N${index}`));
    await expect(networks.import(many)).rejects.toThrow("No more than 100");
    await networks.import(many.slice(1));
    await expect(networks.save(draft("one more"))).rejects.toThrow("No more than 100");
  });

  test("open where the program was told to look, if that is one of them, and else nothing", async () => {
    const { memory, b } = await withTwo();
    const there = desktop(memory, b.url);
    await there.networks.unlock(PASSPHRASE);
    expect(there.opened().active?.name).toBe("B");
    const elsewhere = desktop(memory, "http://new.example");
    await elsewhere.networks.unlock(PASSPHRASE);
    expect(elsewhere.opened()).toMatchObject({ active: undefined, suggestedUrl: "http://new.example" });
    const usual = desktop(memory, DEFAULT_URL);
    await usual.networks.unlock(PASSPHRASE);
    expect(usual.opened()).toMatchObject({ active: undefined, suggestedUrl: DEFAULT_URL });
  });

  test("go where a further call of the program wants, and offer it where it is not known", async () => {
    const { networks, opened, happened, a, b } = await withTwo();
    await networks.goTo(a.url);
    expect(opened()).toMatchObject({ active: { name: "A" }, suggestedUrl: undefined });
    happened.length = 0;
    await networks.goTo("http://new.example");
    expect(opened()).toMatchObject({ active: undefined, suggestedUrl: "http://new.example" });
    expect(happened).toEqual(["common place", "leave without keys"]);
    await networks.switchTo(a.id);
    expect(opened()).toMatchObject({ active: { name: "A" }, suggestedUrl: undefined });
    await networks.lock();
    await networks.goTo(b.url);
    expect(networks.state.kind).toBe("locked");
    await networks.unlock(PASSPHRASE);
    expect(opened().active?.name).toBe("B");
  });
});

describe("keys of a network", () => {
  test("are written into its profile where that is wanted, and taken out", async () => {
    const { networks, memory, a } = await withTwo();
    networks.keys.write("wallet", "w4llet", true);
    expect(networks.keys.isKept("wallet")).toBe(true);
    await networks.setAutoLock(5);
    expect(memory.records.get(`networks/profile:${a.id}`)).toMatchObject({
      keys: { admin: "key-a", wallet: "w4llet" },
    });
    networks.keys.write("wallet", "", false);
    await networks.setAutoLock(10);
    expect(memory.records.get(`networks/profile:${a.id}`)).toMatchObject({ keys: { wallet: "" } });
  });

  test("are in memory alone otherwise, still there when one comes back, and gone with a lock", async () => {
    const { networks, memory, a, b } = await withTwo();
    networks.keys.write("wallet", "for-now", false);
    await networks.switchTo(b.id);
    expect(networks.keys.read("wallet")).toBe("");
    await networks.switchTo(a.id);
    expect(networks.keys.read("wallet")).toBe("for-now");
    expect(JSON.stringify([...memory.records])).not.toContain("for-now");
    await networks.lock();
    expect(networks.keys.read("wallet")).toBe("");
    await networks.unlock(PASSPHRASE);
    expect(networks.keys.read("wallet")).toBe("");
    expect(networks.keys.read("admin")).toBe("key-a");
  });

  test("that cannot be written are told of", async () => {
    const { networks, memory, problems } = await withTwo();
    memory.failWith(new VaultError("no-space", "The disk is full."));
    networks.keys.write("wallet", "w4llet", true);
    await expect(networks.setAutoLock(5)).rejects.toThrow("The disk is full");
    expect(problems).toEqual([expect.objectContaining({ code: "no-space" })]);
  });
});

describe("a lock", () => {
  test("forgets networks and keys", async () => {
    const { networks, happened } = await withTwo();
    await networks.lock();
    expect(networks.state).toEqual({ kind: "locked" });
    expect(happened).toEqual(["leave without keys"]);
  });

  test("does not wait for a network that one is on the way to, and gives none of its keys afterwards", async () => {
    const { networks, hold, b } = await withTwo();
    const goOn = hold();
    const going = networks.switchTo(b.id);
    await networks.lock();
    goOn();
    await expect(going).rejects.toThrow("locked meanwhile");
    expect(networks.state.kind).toBe("locked");
    expect(networks.keys.read("admin")).toBe("");
  });

  test("by another window is noticed, at the next look or the next change", async () => {
    const first = await withTwo();
    first.memory.lockFromOutside();
    await first.networks.lookAgain();
    expect(first.networks.state.kind).toBe("locked");
    const second = await withTwo();
    second.memory.lockFromOutside();
    await expect(second.networks.save(draft("C"))).rejects.toThrow("locked");
    expect(second.networks.state.kind).toBe("locked");
  });

  test("is not offered where nothing is remembered", async () => {
    const { networks, opened } = desktop();
    await networks.goWithout();
    await networks.save(draft("A"));
    await networks.lock();
    expect(opened()).toMatchObject({ kind: "open", isRemembered: false });
  });
});

test("without a vault all is kept for this run alone", async () => {
  const memory = memoryVault();
  const { networks, opened } = desktop(memory);
  await networks.goWithout();
  const a = await networks.save(draft("A", { keys: { ...NO_KEYS, admin: "key-a" } }));
  await networks.switchTo(a.id);
  expect(opened().active?.name).toBe("A");
  expect(networks.keys.read("admin")).toBe("key-a");
  networks.keys.write("wallet", "w4llet", true);
  expect([networks.keys.keeps, networks.keys.read("wallet"), networks.keys.isKept("wallet")]).toEqual([
    "nothing",
    "w4llet",
    false,
  ]);
  expect(memory.records.size).toBe(0);
});
