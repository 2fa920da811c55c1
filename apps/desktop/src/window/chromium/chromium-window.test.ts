import { expect, test } from "vitest";
import { chromiumArguments } from "./chromium-window.ts";

test("a browser is told of Wayland where there is nothing else, and of its sandbox for root alone", () => {
  const args = (isRoot: boolean, hasWaylandAlone: boolean) =>
    chromiumArguments("/profile", "bitfleet-wallet", { isRoot, hasWaylandAlone });
  const [wayland, root] = ["--ozone-platform=wayland", "--no-sandbox"];
  for (const isRoot of [true, false]) {
    for (const isWayland of [true, false]) {
      const given = args(isRoot, isWayland);
      expect([given.includes(wayland), given.includes(root)]).toEqual([isWayland, isRoot]);
      expect(given).toEqual(
        expect.arrayContaining(["--user-data-dir=/profile", "--incognito", "--remote-debugging-pipe"]),
      );
    }
  }
});
