import type { DesktopClient, TrialRequest } from "@bitfleet/ui/desktop/desktop-client.ts";
import { expect, test } from "vitest";
import { desktopNetwork } from "./desktop-network.ts";

function desktop() {
  const log: unknown[] = [];
  const client = {
    setTarget: async (url: string, apiKey?: string) => void log.push(["target", url, apiKey]),
    tryAt: async (request: TrialRequest) => {
      log.push(["try", request]);
      return { status: 404, headers: { "content-type": "text/plain" }, body: "nothing here" };
    },
  } as unknown as DesktopClient;
  const send: typeof fetch = async (input, init) => {
    log.push(["send", String(input), init?.method]);
    return new Response("sent");
  };
  return { log, ...desktopNetwork(client, send) };
}

test("what goes to the network that is followed is passed on, any other place is asked one thing", async () => {
  const { log, fetch: ask, use } = desktop();
  const first = await ask("https://here:1/api/v1/blockchain?x=1", { headers: { "x-api-key": "k" } });
  expect([first.status, await first.text()]).toEqual([404, "nothing here"]);
  await use({ url: "https://here:1", apiKey: "k" });
  expect(await (await ask("https://here:1/api/v1/blockchain?x=1", { method: "GET" })).text()).toBe("sent");
  await ask("https://here:1/apis", { method: "POST", body: "b" });
  await ask("https://there/api/x");
  await ask("/desktop/session");
  expect(log).toEqual([
    ["try", { url: "https://here:1", path: "/api/v1/blockchain?x=1", headers: { "x-api-key": "k" } }],
    ["target", "https://here:1", "k"],
    ["send", "/api/v1/blockchain?x=1", "GET"],
    ["try", { url: "https://here:1", path: "/apis", method: "POST", body: "b" }],
    ["try", { url: "https://there", path: "/api/x" }],
    ["send", "/desktop/session", undefined],
  ]);
});
