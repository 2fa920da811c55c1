import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import { type Ban, BanList } from "./ban-list.ts";
import { formatSubnet, parseSubnet } from "./subnet.ts";

const DAY_SECONDS = 86_400;
const subnet = (text: string) => parseSubnet(text)!;
const at = (text: string) => parseAddress(text)!;

let clock: TestClock;
let log: TestLog;
let changeCount: number;

beforeEach(() => {
  clock = new TestClock();
  log = new TestLog();
  changeCount = 0;
});

const nowSeconds = () => clock.nowMs() / 1000;
const listOf = (bans: readonly Ban[] = []) =>
  new BanList(
    { banSeconds: DAY_SECONDS },
    { clock, random: systemRandom, log, onChange: () => void changeCount++ },
    bans,
  );
const written = (list: BanList) => list.list().map((ban) => formatSubnet(ban.subnet));

describe("how long a ban holds", () => {
  test.each([
    ["the usual time", 0, false, DAY_SECONDS],
    ["the usual time, where less than nothing is asked for", -5, false, DAY_SECONDS],
    ["so many seconds", 100, false, 100],
    ["the usual time, where the end is no time", 0, true, DAY_SECONDS],
  ])("%s", (_, seconds, isAbsolute, holdsSeconds) => {
    const list = listOf();
    list.ban(subnet("1.2.3.4"), BigInt(seconds), isAbsolute);
    expect(list.list()).toEqual([
      { subnet: subnet("1.2.3.4"), createdSeconds: nowSeconds(), untilSeconds: BigInt(nowSeconds() + holdsSeconds) },
    ]);
    clock.advance(holdsSeconds * 1000 - 1);
    expect(list.isBanned(at("1.2.3.4"))).toBe(true);
    expect(list.isSubnetBanned(subnet("1.2.3.4"))).toBe(true);
    clock.advance(1);
    expect(list.isBanned(at("1.2.3.4"))).toBe(false);
    expect(list.isSubnetBanned(subnet("1.2.3.4"))).toBe(false);
  });

  test("until a moment", () => {
    const list = listOf();
    const until = BigInt(nowSeconds() + 7);
    list.ban(subnet("1.2.3.4"), until, true);
    expect(list.list()[0]!.untilSeconds).toBe(until);
  });

  test("for as long as 64 bits say, and not at all beyond", () => {
    const list = listOf();
    const most = 2n ** 63n - 1n;
    list.ban(subnet("1.2.3.4"), most, true);
    list.ban(subnet("1.2.3.5"), most - BigInt(nowSeconds()));
    list.ban(subnet("1.2.3.6"), most - BigInt(nowSeconds()) + 1n);
    expect(list.list().map(({ untilSeconds }) => untilSeconds)).toEqual([most, most]);
    expect(list.isBanned(at("1.2.3.5"))).toBe(true);
    expect(list.isBanned(at("1.2.3.6"))).toBe(false);
  });

  test("a longer ban stays, a shorter one gives way", () => {
    const list = listOf();
    list.ban(subnet("1.2.3.4"), 100n);
    clock.advance(10_000);
    list.ban(subnet("1.2.3.4"), 90n);
    expect(list.list()[0]!.untilSeconds).toBe(BigInt(nowSeconds() + 90));
    expect(list.list()[0]!.createdSeconds).toBe(nowSeconds() - 10);
    expect(changeCount).toBe(1);
    list.ban(subnet("1.2.3.4"), 91n);
    expect(list.list()[0]!.createdSeconds).toBe(nowSeconds());
    expect(changeCount).toBe(2);
  });

  test("an ended ban is swept out a second after its end, and said so", () => {
    const list = listOf();
    list.ban(subnet("1.2.3.0/24"), 10n);
    clock.advance(10_000);
    expect(written(list)).toEqual(["1.2.3.0/24"]);
    clock.advance(1000);
    expect(written(list)).toEqual([]);
    expect(log.with("Removed banned node address/subnet: 1.2.3.0/24")).toEqual([
      "[net] Removed banned node address/subnet: 1.2.3.0/24",
    ]);
    expect(changeCount).toBe(2);
    list.list();
    expect(changeCount).toBe(2);
  });

  test("those of a file that have ended are swept out at once", () => {
    const times = { createdSeconds: 1, untilSeconds: BigInt(nowSeconds()) };
    const ended = { subnet: subnet("1.1.1.1"), createdSeconds: 1, untilSeconds: BigInt(nowSeconds() - 1) };
    expect(written(listOf([{ subnet: subnet("2.2.2.2"), ...times }, ended]))).toEqual(["2.2.2.2/32"]);
    expect(changeCount).toBe(1);
  });
});

describe("whom a ban is of", () => {
  test("addresses within the range, of whatever ban", () => {
    const list = listOf();
    list.ban(subnet("10.0.0.0/8"), 10n);
    list.ban(subnet("10.1.0.0/16"), 100n);
    const isBanned = () => ["10.0.0.1", "10.1.0.1", "11.0.0.0"].map((text) => list.isBanned(at(text)));
    expect(isBanned()).toEqual([true, true, false]);
    clock.advance(10_000);
    expect(isBanned()).toEqual([false, true, false]);
  });

  test("a range counts as banned only where it is the very one", () => {
    const list = listOf();
    list.ban(subnet("10.0.0.0/8"));
    expect(list.isSubnetBanned(subnet("10.9.9.9/255.0.0.0"))).toBe(true);
    expect(list.isSubnetBanned(subnet("10.0.0.0/9"))).toBe(false);
    expect(list.isSubnetBanned(subnet("10.0.0.1"))).toBe(false);
  });

  test("a ban is taken back for the very range alone", () => {
    const list = listOf();
    list.ban(subnet("10.0.0.0/8"));
    list.ban(subnet("10.0.0.1"));
    expect(list.unban(subnet("10.0.0.0/9"))).toBe(false);
    expect(changeCount).toBe(2);
    expect(list.unban(subnet("10.0.0.0/8"))).toBe(true);
    expect(changeCount).toBe(3);
    expect(written(list)).toEqual(["10.0.0.1/32"]);
  });

  test("all are taken back at once", () => {
    const list = listOf();
    for (const text of ["1.1.1.1", "2.2.2.2"]) list.ban(subnet(text));
    list.clear();
    expect(written(list)).toEqual([]);
    expect(list.isBanned(at("1.1.1.1"))).toBe(false);
    expect(changeCount).toBe(3);
  });
});

test("a discouraged address is not banned, and no other is discouraged", () => {
  const list = listOf();
  list.discourage(at("1.2.3.4"));
  expect(list.isDiscouraged(at("1.2.3.4"))).toBe(true);
  expect(list.isDiscouraged(at("1.2.3.5"))).toBe(false);
  expect(list.isBanned(at("1.2.3.4"))).toBe(false);
  list.clear();
  expect(list.isDiscouraged(at("1.2.3.4"))).toBe(true);
  expect(changeCount).toBe(1);
});
