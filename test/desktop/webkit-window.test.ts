import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { descendantsOf, isRunning, Screen, whyNoWebkit } from "./screen.ts";

const why = whatIsNotBuilt() ?? whyNoWebkit();
const PAGE_COLOUR = 0x113355;
const SECRET = "a word that nobody may find";

const PAGE = `<!doctype html><title>A page</title><style>body{background:#135}</style>
<a id="elsewhere" href="http://elsewhere.example/x">elsewhere</a>
<a id="other" href="/other" target="_blank">in a window of its own</a>
<input id="text"><input id="file" type="file"><button id="ask" onclick="globalThis.isSure = confirm('Sure?')">ask</button><script>localStorage.setItem("kept", "${SECRET}"); document.cookie = "kept=${SECRET}; max-age=9999";
indexedDB.open("kept").onupgradeneeded = ({ target }) => target.result.createObjectStore("kept").put("${SECRET}", 1);</script>`;

describe("the WebKitGTK window", () => {
  if (why !== undefined) {
    test.skip(`is not tested: ${why}`, () => {});
    console.warn(`NO WEBKITGTK WINDOW WAS TESTED: ${why}`);
    return;
  }

  let screen: Screen;
  let server: Server;
  let origin: string;
  let home: string;
  let window: HostWindow;

  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), "bitfleet-home-"));
    mkdirSync(path.join(home, "tmp"));
    screen = await Screen.start();
    server = createServer((_request, reply) => reply.writeHead(200, { "content-type": "text/html" }).end(PAGE));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    window = await HostWindow.open(screen, `${origin}/`, {
      HOME: home,
      TMPDIR: path.join(home, "tmp"),
      LC_ALL: "C.UTF-8",
      XDG_DATA_HOME: path.join(home, "data"),
      XDG_CACHE_HOME: path.join(home, "cache"),
      XDG_CONFIG_HOME: path.join(home, "config"),
    });
  }, 120_000);
  afterAll(async () => {
    await window?.close();
    server?.closeAllConnections();
    server?.close();
    await screen?.stop();
    rmSync(home, { recursive: true, force: true });
  });
  beforeEach(() => {
    window.told.length = 0;
  });

  /** Where a person would click. */
  const middleOf = (selector: string) =>
    window.look<readonly [number, number]>(`const box = document.querySelector("${selector}").getBoundingClientRect();
      return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];`);
  const place = () => window.look<string>("return location.href");

  test("has the page's title beside the program's", async () => {
    await expect.poll(() => window.onScreen.title, PATIENT).toBe("A page – Bitfleet Wallet");
    window.order({ do: "title", title: "Bitfleet Admin" });
    await expect.poll(() => window.onScreen.title, PATIENT).toBe("A page – Bitfleet Admin");
  });

  test("tells pages a language that scripts can make numbers of, whatever the system's is", async () => {
    expect(await window.look("return new Intl.NumberFormat(navigator.language).format(0.5)")).toMatch(/0[.,]5/);
  });

  test("draws letters as they are made where no desktop says how they fit to pixels: their width grows with their size", async () => {
    // Forced onto pixels, bold ones of both sizes are equally wide, with thin bars that look like serifs.
    const widths = await window.look<readonly number[]>(`return [14.5, 15].map((size) => {
      const text = document.createElement("span");
      text.textContent = "Gg 101 kH/s"; text.style.cssText = "position:absolute;font:600 " + size + "px sans-serif";
      document.body.append(text); const { width } = text.getBoundingClientRect(); text.remove(); return width; });`);
    expect(widths[1]! / widths[0]!).toBeCloseTo(15 / 14.5, 2);
  });

  test("gives keys to the page, but not those of the window", async () => {
    await window.run("document.querySelector('#text').focus()");
    screen.type(window.onScreen, "bitcoin");
    await expect.poll(() => window.run("return document.querySelector('#text').value"), PATIENT).toBe("bitcoin");
    screen.key(window.onScreen, "ctrl+plus");
    await expect.poll(() => window.run<number>("return innerWidth"), PATIENT).toBeLessThan(1180);
    screen.key(window.onScreen, "ctrl+0");
    await expect.poll(() => window.run<number>("return innerWidth"), PATIENT).toBe(1180);
  });

  test("hands a link to another place to who has the window, and stays where it is", async () => {
    await window.run("document.querySelector('#elsewhere').click()");
    expect(await window.tells("elsewhere")).toEqual({ is: "elsewhere", url: "http://elsewhere.example/x" });
    expect(await place()).toBe(`${origin}/`);
    await window.run(
      "const link = document.querySelector('#elsewhere'); link.target = '_blank'; link.href += 'y'; link.click()",
    );
    await expect.poll(() => JSON.stringify(window.told), PATIENT).toContain("elsewhere.example/xy");
    expect(await place()).toBe(`${origin}/`);
  });

  test("goes nowhere that is no page, and to no other server of this machine", async () => {
    for (const url of ["file:///etc/passwd", "data:text/html,x", "about:blank", "mailto:a@b"]) {
      await window.run(`location.href = ${JSON.stringify(url)}`);
      expect(await place()).toBe(`${origin}/`);
    }
    await window.run(`location.href = ${JSON.stringify(`${origin}1/`.replace(/:(\d+)1\/$/, ":9/"))}`);
    expect(await place()).toBe(`${origin}/`);
    expect(JSON.stringify(window.told)).not.toContain("passwd");
  });

  test("opens what would have a window of its own in this one", async () => {
    // Nobody waits for its answer: the page that would give it may be gone before.
    window.order({ do: "run", id: 0, body: "document.querySelector('#other').click()" });
    await expect.poll(place, PATIENT).toBe(`${origin}/other`);
    expect(screen.windows("bitfleet-host")).toHaveLength(1);
  });

  test("can copy, and paste what was copied", async () => {
    expect(await window.run("return isSecureContext")).toBe(true);
    await window.run("await navigator.clipboard.writeText('bcrt1qxyz')");
    await window.run("const text = document.querySelector('#text'); text.value = ''; text.focus()");
    screen.key(window.onScreen, "ctrl+v");
    await expect.poll(() => window.run("return document.querySelector('#text').value"), PATIENT).toBe("bcrt1qxyz");
  });

  test("lets a file be chosen, and a question be answered", async () => {
    const chosen = path.join(home, "to sign.psbt");
    writeFileSync(chosen, "cHNidP8=");
    screen.click(window.onScreen, await middleOf("#file"));
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Select File"');
    const dialog = { ...window.onScreen, id: /(0x[0-9a-f]+) "Select File"/.exec(screen.stack())![1]! };
    // What is typed before the dialog has read its folder is lost: it is typed again then.
    const isOpen = () => screen.stack().includes('"Select File"');
    const choose = () => {
      if (!isOpen()) return true;
      for (const keys of ["ctrl+l", "ctrl+a"]) screen.key(dialog, keys);
      screen.type(dialog, chosen);
      screen.key(dialog, "Return");
      return false;
    };
    await expect.poll(choose, { ...PATIENT, interval: 1_000 }).toBe(true);
    const read = "const [file] = document.querySelector('#file').files; return file && [file.name, await file.text()]";
    await expect.poll(() => window.look(read), PATIENT).toEqual(["to sign.psbt", "cHNidP8="]);

    screen.click(window.onScreen, await middleOf("#ask"));
    await expect.poll(() => screen.colourAt(5, 5), PATIENT).not.toBe(PAGE_COLOUR);
    screen.key(window.onScreen, "Return");
    await expect.poll(() => window.look("return globalThis.isSure"), PATIENT).toBe(true);
  });

  test("asks where a file of the page goes, which is then this user's alone", async () => {
    await window.run(`const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["a,b\\n1,2\\n"], { type: "text/csv" }));
      link.download = "history.csv"; link.click();`);
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Save"');
    const dialog = /(0x[0-9a-f]+) "Save"/.exec(screen.stack())![1]!;
    screen.key({ ...window.onScreen, id: dialog }, "Return");
    const { path: file } = await window.tells("saved");
    expect(path.basename(file)).toBe("history.csv");
    expect(readFileSync(file, "utf8")).toBe("a,b\n1,2\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(file);
  });

  test("opens the page again where the process that draws it ends", async () => {
    await window.endPage();
    await expect.poll(place, PATIENT).toBe(`${origin}/other`);
  });

  test("leaves nothing of the page on the disk, and no process, whatever dialog is open", async () => {
    await window.look("document.querySelector('#file').focus()");
    screen.key(window.onScreen, "space");
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Select File"');
    const all = descendantsOf(window.child.pid!);
    await window.close();
    await expect.poll(() => all.filter(isRunning), PATIENT).toEqual([]);
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).toString("latin1"));
    const wide = Buffer.from(SECRET, "utf16le").toString("latin1");
    expect(texts.filter((text) => text.includes(SECRET) || text.includes(wide))).toEqual([]);
    expect(files.filter((entry) => /cookies|localstorage|indexeddb|\.sqlite/i.test(entry.name))).toEqual([]);
  });
});
