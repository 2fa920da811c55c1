import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { eventually } from "../page-kit.ts";
import { balanceOf, steps } from "./screens.ts";
import { freshAddress, type TwoWallets } from "./two-wallets.ts";

/** Payments that the chain takes back. */
export function isUndone(life: TwoWallets): void {
  test("a reorganization undoes a payment: what was confirmed waits again, and what was mined is gone", async () => {
    const { page } = life.bob;
    const address = await freshAddress(page);
    await life.network.rpc("generatetoaddress", 1, address);
    await page.getByTestId("arrivals").getByText("immature").waitFor();
    await eventually(async () => (await balanceOf(page, "Immature")).textContent()).toMatch(/^[1-9]/);
    await life.bob.picture("wallet-app-home-immature-light", true);
    await life.network.reorg(1);
    await page.getByTestId("waiting").getByText("left the chain").waitFor();
    await page.getByTestId("waiting").getByText("left the chain").click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("reorged");
    await life.bob.picture("wallet-app-transaction-reorged-light", true);
    await expectAccessible(page);
  });

  test("a payment that was confirmed is undone by one that spends the same coins in another branch", async () => {
    const { page } = life.bob;
    const address = await freshAddress(page);
    const txid = await life.network.rpc<string>("sendtoaddress", address, "0.3");
    await life.network.mine(1);
    await page.getByTestId("arrivals").getByText("1 confirmation").waitFor();
    const { tx } = await life.network.rpc<{ readonly tx: readonly string[] }>(
      "getblock",
      await life.network.rpc<string>("getbestblockhash"),
    );
    expect(tx).toContain(txid);
    await spendOtherwise(life, txid);
    const entry = page.getByTestId("arrivals").getByTestId("entry").filter({ hasText: "0.30000000" });
    // What took its place pays others, and so is not known here.
    await entry.getByText("left the chain").waitFor();
    await entry.click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("reorged");
  });
}

/** Takes the last block back, in which the transaction is, and mines a longer branch with another one that spends the same coins. */
async function spendOtherwise(life: TwoWallets, txid: string): Promise<void> {
  interface Spent {
    readonly vin: readonly { readonly txid: string; readonly vout: number }[];
    readonly vout: readonly { readonly value: number }[];
  }
  const block = await life.network.rpc<string>("getbestblockhash");
  const { vin, vout } = await life.network.rpc<Spent>("getrawtransaction", txid, 1, block);
  const worth = vout.reduce((sum, { value }) => sum + Math.round(value * 1e8), 0);
  await life.network.rpc("invalidateblock", block);
  const outputs = { [await life.minerAddress()]: (worth - 100_000) / 1e8 };
  const inputs = vin.map((one) => ({ txid: one.txid, vout: one.vout, sequence: 0xfffffffd }));
  const raw = await life.network.rpc<string>("createrawtransaction", inputs, outputs);
  const { hex } = await life.network.rpc<{ readonly hex: string }>("signrawtransactionwithwallet", raw);
  await life.network.rpc("sendrawtransaction", hex);
  await life.network.mine(2);
}
