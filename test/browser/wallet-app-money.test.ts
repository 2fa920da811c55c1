import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { whyNoWalletApp } from "./wallet-app-devices.ts";
import { chooses } from "./wallet-app-money/choosing.ts";
import { comesBack } from "./wallet-app-money/devices.ts";
import { handsOver } from "./wallet-app-money/handing-over.ts";
import { fits } from "./wallet-app-money/looks.ts";
import { receives } from "./wallet-app-money/receiving.ts";
import { sends } from "./wallet-app-money/sending.ts";
import { isShared } from "./wallet-app-money/sharing.ts";
import { TwoWallets } from "./wallet-app-money/two-wallets.ts";
import { isUndone } from "./wallet-app-money/undoing.ts";

const missing = whyNoWalletApp();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the wallet app's money, since ${missing}\n\n`);

/** One life of two wallets: the tests run in order and as a whole, on one network, since each would need one with money otherwise. */
describe.skipIf(missing !== undefined)("money in the wallet app, on a real network,", () => {
  const life = new TwoWallets();

  beforeAll(() => life.begin());

  beforeEach(({ task, onTestFailed }) => {
    const name = `wallet-app-failed-${task.name.slice(0, 40).replaceAll(/\W+/g, "-")}`;
    onTestFailed(() => life.pictures(name));
  });

  afterAll(() => life.end());

  describe("is received", () => receives(life));
  describe("is sent", () => sends(life));
  describe("is sent by choice", () => chooses(life));
  describe("is undone by the chain", () => isUndone(life));
  describe("is told of elsewhere", () => handsOver(life));
  describe("comes back", () => comesBack(life));
  describe("is shared", () => isShared(life));
  describe("fits its screens", () => fits(life));
});
