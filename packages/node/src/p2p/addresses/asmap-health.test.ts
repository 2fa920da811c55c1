import { parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import { AddressManager } from "./address-manager.ts";
import { Asmap } from "./asmap.ts";
import { watchAsmapHealth } from "./asmap-health.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";

const DAY_MS = 86_400_000;
const ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

test("how many systems, and how many public addresses the map does not know: at once and every day", () => {
  const [clock, log] = [new TestClock(), new TestLog()];
  const asmap = new Asmap(
    encodeAsmap([
      ["8.0.0.0/8", 1],
      ["9.0.0.0/8", 2],
      ["2a00::/16", 2],
    ]),
  );
  const addresses = new AddressManager({ clock, random: systemRandom, log, asmap });
  const add = (text: string, timeSeconds = clock.nowMs() / 1000) =>
    addresses.add([{ ...parseEndpoint(text, 8333)!, services: 1n, timeSeconds }], parseAddress("7.7.7.7")!);
  const every = (intervalMs: number, run: () => void) => {
    let cancel = () => {};
    const next = () => {
      cancel = clock.after(intervalMs, () => {
        run();
        next();
      });
    };
    next();
    return () => cancel();
  };
  const lines = () => log.with("ASMap Health Check");
  const health = (count: number, systems: number, unmapped: number) =>
    `ASMap Health Check: ${count} clearnet peers are mapped to ${systems} ASNs with ${unmapped} peers being unmapped`;

  const stop = watchAsmapHealth(asmap, { addresses, scheduler: { every }, log });
  expect(lines()).toEqual([health(0, 0, 0)]);

  for (const text of ["8.1.1.1", "8.2.2.2", "9.1.1.1", "[2a00::1]:8333", "7.1.1.1", ONION]) add(text);
  // Addresses of no use any more count too.
  add("7.2.2.2", 1);
  clock.advance(DAY_MS - 1);
  expect(lines()).toHaveLength(1);
  clock.advance(1);
  expect(lines().slice(1)).toEqual([health(6, 2, 2)]);
  stop();
  clock.advance(2 * DAY_MS);
  expect(lines()).toHaveLength(2);
});
