import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { FromWindow } from "./messages.ts";
import { heardScript, ranReader, runningScript } from "./page-scripts.ts";

/** A page whose titles are not all told: of each `lost` + 1 that it has, the window hears of one. */
function pageThatLoses(lost: number) {
  let title = "A page";
  let count = 0;
  const told: (FromWindow & { readonly is: "ran" })[] = [];
  const read = ranReader();
  const document = {
    get title() {
      return title;
    },
    set title(next: string) {
      title = next;
      if (count++ % (lost + 1) !== lost) return;
      const heard = read(next);
      if (heard === undefined) return;
      runInNewContext(heardScript(heard), context);
      if (heard.ran !== undefined) told.push(heard.ran);
    },
  };
  const context: Record<string, unknown> = { document, setTimeout };
  context.globalThis = context;
  return { document, told, run: (id: number, body: string) => runInNewContext(runningScript(id, body), context) };
}

const LONG = "x".repeat(2500);

test.each([0, 1, 4])("an answer comes once, whole, where %i titles are lost for each that is told", async (lost) => {
  const page = pageThatLoses(lost);
  await page.run(1, `return ${JSON.stringify(LONG)}`);
  expect(page.told).toEqual([{ is: "ran", id: 1, json: JSON.stringify(LONG) }]);
  expect(page.document.title).toBe("A page");
});

test("answers that are shown at the same time are kept apart, and the page has the title that it was given meanwhile", async () => {
  const page = pageThatLoses(1);
  const both = [page.run(1, `return ${JSON.stringify(LONG)}`), page.run(2, `throw new Error("${LONG}")`)];
  page.document.title = "Another";
  await Promise.all(both);
  expect(page.told.toSorted((a, b) => a.id - b.id)).toEqual([
    { is: "ran", id: 1, json: JSON.stringify(LONG) },
    { is: "ran", id: 2, error: `Error: ${LONG}` },
  ]);
  expect(page.document.title).toBe("Another");
});
