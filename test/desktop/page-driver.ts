import { vi } from "vitest";
import { PATIENT } from "./desktop-process.ts";
import type { HostWindow } from "./host-window.ts";

/** What a person does in the page of a window, by names and labels as they are read. */
export class PageDriver {
  readonly #window: HostWindow;
  #lastKey = 0;

  constructor(window: HostWindow) {
    this.#window = window;
  }

  /** A button or link whose words begin so; the last one, which is in the dialog where one is open. */
  click(name: string): Promise<void> {
    return this.#do(`const found = [...document.querySelectorAll("button, a, [role=radio] ~ *, label")].filter((one) =>
        (one.innerText || one.getAttribute("aria-label") || "").trim().startsWith(${JSON.stringify(name)}) && !one.disabled && one.offsetParent !== null).at(-1);
      if (!found) throw new Error("nothing to click: ${name}, but: " + document.body.innerText); found.click();`);
  }

  clickTestId(id: string): Promise<void> {
    return this.#do(`document.querySelector('[data-testid="${id}"]').click()`);
  }

  /** Types into the field of a label, as React wants to be told. */
  fill(label: string, value: string): Promise<void> {
    return this.#do(`const label = [...document.querySelectorAll("label")].find((one) => one.innerText.trim() === ${JSON.stringify(label)});
      const input = document.getElementById(label.htmlFor);
      const kind = input instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
      Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(input, ${JSON.stringify(value)});
      input.dispatchEvent(new Event("input", { bubbles: true })); input.dispatchEvent(new Event("change", { bubbles: true }));`);
  }

  /** A PNG for a field that takes files. */
  choosePicture(selector: string, picture: Buffer): Promise<void> {
    return this.#do(`const bytes = Uint8Array.from(atob("${picture.toString("base64")}"), (one) => one.charCodeAt(0));
      const chosen = new DataTransfer();
      chosen.items.add(new File([bytes], "code.png", { type: "image/png" }));
      const input = document.querySelector(${JSON.stringify(selector)});
      input.files = chosen.files; input.dispatchEvent(new Event("change", { bubbles: true }));`);
  }

  /** Until the page shows a text. */
  sees(text: string): Promise<string> {
    return vi.waitFor(async () => {
      const shown = await this.text();
      if (!shown.includes(text)) throw new Error(`the page does not show "${text}", but: ${shown}`);
      return shown;
    }, PATIENT);
  }

  text(): Promise<string> {
    return this.#window.look<string>("return document.body.innerText");
  }

  textOf(selector: string): Promise<readonly string[]> {
    return this.#window.look<readonly string[]>(
      `return [...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.innerText.trim())`,
    );
  }

  /** Once what it needs is there, and once alone: its answer may be overtaken, and it is asked again. */
  #do(body: string): Promise<void> {
    const key = ++this.#lastKey;
    const once = `const done = (globalThis.bitfleetDone ??= new Set()); if (done.has(${key})) return; ${body}; done.add(${key});`;
    return this.#window.look<void>(once);
  }
}
