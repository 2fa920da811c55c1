import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, type Entered, startTestServer, type TestServer } from "./test-kit.ts";

/** What pages are told by the process without asking. */
let kit: TestServer;
const closings: (() => void)[] = [];

beforeAll(async () => {
  kit = await startTestServer();
});
afterAll(async () => {
  for (const close of closings) close();
  await kit.close();
});

/** A page that listens, and what it has heard. */
async function page(app: "wallet" | "admin", name: string) {
  const entered = await kit.enter(app);
  const headers = { ...entered.headers, "x-bitfleet-page": name };
  let text = "";
  const request = get(`${kit.server.origin}/desktop/events`, { headers }, (answer) => {
    answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  });
  closings.push(() => request.destroy());
  await expect.poll(() => text).toContain(": here");
  return { entered: { ...entered, headers }, heard: () => text };
}

const put = ({ headers }: Entered, path: string, body: object) =>
  ask(`${kit.server.origin}${path}`, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

test("a look that is chosen in one window is told to all others, of both apps", async () => {
  const [wallet, admin, other] = await Promise.all([
    page("wallet", "page-one-1"),
    page("admin", "page-two-2"),
    page("admin", "page-three-3"),
  ]);
  expect((await put(admin.entered, "/desktop/look", { theme: "light" })).status).toBe(204);
  const told = 'event: look\ndata: {"theme":"light"}\n\n';
  await expect.poll(wallet.heard).toContain(told);
  await expect.poll(other.heard).toContain(told);
  // What is sent later comes later.
  kit.server.events.send("admin", { name: "focus", data: {} });
  await expect.poll(admin.heard).toContain("event: focus");
  expect(admin.heard()).not.toContain("event: look");
  expect((await put(admin.entered, "/desktop/look", { theme: "pink" })).status).toBe(400);
});

test("a network that somebody named is told apart from the usual one, until a page goes elsewhere", async () => {
  const admin = await kit.enter("admin");
  const target = async () =>
    JSON.parse((await ask(`${kit.server.origin}/desktop/target`, { headers: admin.headers })).body) as object;
  expect(await target()).toMatchObject({ isNamed: false });
  kit.server.beginWith("admin", { url: "http://127.0.0.1:8", apiKey: "" });
  expect(await target()).toMatchObject({ url: "http://127.0.0.1:8", isNamed: true });
  await put(admin, "/desktop/target", { url: "http://127.0.0.1:8" });
  expect(await target()).toMatchObject({ url: "http://127.0.0.1:8", isNamed: false });
  await put(admin, "/desktop/target", { url: "http://127.0.0.1:7" });
  await put(admin, "/desktop/target", { url: "" });
  expect(await target()).toMatchObject({ url: "http://127.0.0.1:8", isNamed: false });
});
