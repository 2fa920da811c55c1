import { describe, expect, test } from "vitest";
import { desktopFetch, desktopSession, fetchWith, PAGE_HEADER, SESSION_HEADER } from "./desktop-session.ts";

const pageWith = (content: string | null) => ({
  querySelector: (selectors: string) =>
    selectors === 'meta[name="bitfleet-desktop"]' && content !== null ? { getAttribute: () => content } : null,
});

describe("the desktop's session", () => {
  test("is what the document says", () => {
    expect(desktopSession(pageWith("k3y"))).toEqual({ key: "k3y" });
  });

  test.each([[null], [""]])("is none in a document of a web server (%o)", (content) => {
    expect(desktopSession(pageWith(content))).toBeUndefined();
  });

  test("is none where there is no document", () => {
    expect(desktopSession(undefined)).toBeUndefined();
  });
});

describe("fetch in the desktop", () => {
  const PAGE = "http://127.0.0.1:40123/blocks?page=2";
  const sentBy = async (...[input, options]: Parameters<typeof fetch>) => {
    const sent: { input?: unknown; options?: RequestInit | undefined } = {};
    const send: typeof fetch = async (toWhat, how) => {
      Object.assign(sent, { input: toWhat, options: how });
      return new Response("");
    };
    await fetchWith({ key: "k3y" }, PAGE, send)(input, options);
    return { ...sent, headers: new Headers(sent.options?.headers) };
  };

  test.each(["/api/v1/blockchain", "target", "http://127.0.0.1:40123/health"])("sends the key with %s", async (url) => {
    const { headers, input } = await sentBy(url);
    expect(headers.get(SESSION_HEADER)).toBe("k3y");
    expect(input).toBe(url);
    // Always the same: it names this page.
    expect(headers.get(PAGE_HEADER)).toMatch(/^[0-9a-f]{24}$/);
    expect((await sentBy("/")).headers.get(PAGE_HEADER)).toBe(headers.get(PAGE_HEADER));
  });

  test.each([
    "http://127.0.0.1:40124/api",
    "http://localhost:40123/api",
    "https://127.0.0.1:40123/api",
    "//elsewhere/api",
  ])("keeps the key from %s", async (url) => {
    const { headers } = await sentBy(url);
    expect([headers.get(SESSION_HEADER), headers.get(PAGE_HEADER)]).toEqual([null, null]);
  });

  test("leaves method, body and other headers as they are", async () => {
    const { options, headers } = await sentBy("/x", { method: "PUT", body: "{}", headers: { "x-api-key": "mine" } });
    expect(options).toMatchObject({ method: "PUT", body: "{}" });
    expect(headers.get("x-api-key")).toBe("mine");
    expect(headers.get(SESSION_HEADER)).toBe("k3y");
  });

  test("keeps the headers of a request, and the key from one to elsewhere", async () => {
    const { headers } = await sentBy(new Request("http://127.0.0.1:40123/x", { headers: { "x-api-key": "mine" } }));
    expect([headers.get("x-api-key"), headers.get(SESSION_HEADER)]).toEqual(["mine", "k3y"]);
    expect((await sentBy(new Request("http://10.0.0.1/x"))).headers.get(SESSION_HEADER)).toBeNull();
  });

  test("is plain fetch where there is no session", async () => {
    const answer = await desktopFetch("data:text/plain,hello");
    expect(await answer.text()).toBe("hello");
  });
});
