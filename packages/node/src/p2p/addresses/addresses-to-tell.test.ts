import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import { AddressManager } from "./address-manager.ts";
import { addressesToTell } from "./addresses-to-tell.ts";
import { BanList } from "./ban-list.ts";
import { subnetOf } from "./subnet.ts";

test("banned and discouraged addresses are told to nobody, and again when that is over", () => {
  const deps = { clock: new TestClock(), random: systemRandom, log: new TestLog() };
  const addresses = new AddressManager(deps);
  const bans = new BanList({ banSeconds: 100 }, { ...deps, onChange: () => {} });
  const [banned, discouraged, good] = ["1.1.1.1:8333", "2.2.2.2:8333", "3.3.3.3:8333"].map(
    (text) => parseEndpoint(text, 0)!,
  );
  for (const endpoint of [banned!, discouraged!, good!]) {
    const timeSeconds = Math.floor(deps.clock.nowMs() / 1000);
    addresses.add([{ ...endpoint, services: ServiceFlag.NETWORK, timeSeconds }], endpoint.address);
  }
  const told = () =>
    addressesToTell({ countMax: 0, percentMax: 0 }, { addresses, bans })
      .map(({ address }) => address.bytes[0])
      .sort();
  expect(told()).toEqual([1, 2, 3]);
  bans.ban(subnetOf(banned!.address));
  bans.discourage(discouraged!.address);
  expect(told()).toEqual([3]);
  deps.clock.advance(100_000);
  expect(told()).toEqual([1, 3]);
});
