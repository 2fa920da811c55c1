import { beforeAll, describe, expect, test } from "vitest";
import { find, type KubeObject } from "./objects.ts";
import { renderAll, type Shipped, SKIPPED } from "./shipped.ts";

/** Fields that a slip is made in. */
// biome-ignore lint/suspicious/noExplicitAny: what is changed is what the case says
export type Fields = Record<string, any>;
type Change = (get: (kind: string, name: string) => Fields, objects: KubeObject[]) => void;

/** A check of objects against each other, with slips that it must find. */
export interface Subject {
  readonly check: (objects: readonly KubeObject[]) => readonly string[] | Promise<readonly string[]>;
  /** What goes wrong, what is changed for it in a copy of production, and words of the problem. */
  readonly slips: readonly [what: string, change: Change, problem: RegExp][];
}

export const containerOf = (workload: Fields): Fields => workload.spec.template.spec.containers[0];

export const remove = (objects: KubeObject[], kind: string, name: string) => {
  objects.splice(
    objects.findIndex((object) => object.kind === kind && object.metadata.name === name),
    1,
  );
};

/** Tests each check: it finds nothing in what is shipped, and each slip. */
export function describeSubjects(subjects: Readonly<Record<string, Subject>>): void {
  let shipped: readonly Shipped[] = [];
  let production: readonly KubeObject[] = [];
  beforeAll(async () => {
    if (SKIPPED) return;
    shipped = await renderAll();
    production = (shipped.find(({ name }) => name === "production") as Shipped).objects;
  });

  describe.skipIf(SKIPPED).each(Object.entries(subjects))("%s", (_subject, { check, slips }) => {
    test("are right in every overlay and with every component", async () => {
      for (const { name, objects } of shipped) expect(await check(objects), name).toEqual([]);
    });

    test.each(slips)("it is found where %s", async (_what, change, problem) => {
      const objects = structuredClone(production) as KubeObject[];
      change((kind, name) => find<Fields>(objects, kind, name) as Fields, objects);
      expect((await check(objects)).join("\n")).toMatch(problem);
    });
  });
}
