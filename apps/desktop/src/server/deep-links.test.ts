import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ask, type Entered, startTestServer } from "./test-kit.ts";

async function desktop() {
  const kit = await startTestServer();
  onTestFinished(kit.close);
  const { server } = kit;
  const wallet = await kit.enter();
  const take = (id: unknown, { headers }: Entered = wallet) =>
    ask(`${server.origin}/desktop/deep-link-taken`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ id }),
    });
  return { kit, wallet, take, links: server.deepLinks, listen: (page: Entered) => listen(server.port, page) };
}

/** A page's stream of events: what it was told so far, and its end. */
async function listen(port: number, { cookie, key }: Entered): Promise<{ socket: Socket; told: () => string }> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (more) => (text += more));
  const head = [`Host: 127.0.0.1:${port}`, `Cookie: ${cookie}`, `X-Bitfleet-Session: ${key}`];
  socket.write(`GET /desktop/events HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n`);
  await expect.poll(() => text).toContain(": here");
  return { socket, told: () => text };
}

test("a link waits for a page that listens, and for its word that it has it", async () => {
  const { wallet, take, links, listen } = await desktop();
  links.show("bitcoin:early");
  const lost = await listen(wallet);
  await expect.poll(lost.told).toContain('"bitcoin:early"');
  // It ends without having taken it: the next page is told too.
  lost.socket.destroy();
  const next = await listen(wallet);
  await expect.poll(next.told).toContain('"bitcoin:early"');
  expect(await links.isTakenWithin(1)).toBe(false);
  const waiting = links.isTakenWithin(60_000);
  expect((await take(1)).status).toBe(204);
  expect(await waiting).toBe(true);
  const later = await listen(wallet);
  expect(later.told()).not.toContain("bitcoin:early");
});

test("a page that listens is told at once; of several links the last one is kept", async () => {
  const { wallet, take, links, listen } = await desktop();
  const page = await listen(wallet);
  links.show("bitcoin:one");
  links.show("bitcoin:two");
  await expect.poll(page.told).toMatch(/bitcoin:one.*bitcoin:two/s);
  await take(1);
  expect(await links.isTakenWithin(1)).toBe(false);
  await expect.poll((await listen(wallet)).told).toContain('"uri":"bitcoin:two","id":2');
  await take(2);
  expect(await links.isTakenWithin(1)).toBe(true);
});

test("the administration neither gets nor takes it, and no page of before is told what is kept for the next", async () => {
  const { kit, wallet, take, links, listen } = await desktop();
  const admin = await kit.enter("admin");
  const page = await listen(wallet);
  links.keep("bitcoin:next");
  kit.server.events.send("wallet", { name: "focus", data: {} });
  await expect.poll(page.told).toContain("focus");
  expect(page.told()).not.toContain("bitcoin:next");
  expect((await listen(admin)).told()).not.toContain("bitcoin:next");
  await take(1, admin);
  for (const wrong of [2, "1", null, {}]) await take(wrong);
  expect(await links.isTakenWithin(1)).toBe(false);
  expect((await listen(wallet)).told()).toContain("bitcoin:next");
});
