/**
 * Every answer that a web application gives in a test is held to the document of the HTTP interface, whatever the test looks
 * for; one that does not fit fails the test. Fastify tells of each application that is made.
 */
import { subscribe } from "node:diagnostics_channel";
import type { FastifyInstance } from "fastify";
import { afterEach, expect } from "vitest";

/** Once for each thread, which reads this file anew for each file of tests. */
const shared = globalThis as typeof globalThis & { answerComplaints?: string[] };

if (shared.answerComplaints === undefined) {
  shared.answerComplaints = [];
  subscribe("fastify.initialization", (message) => watch((message as { readonly fastify: FastifyInstance }).fastify));
}

function watch(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const isText = payload === undefined || payload === null || typeof payload === "string";
    // Files are streams; answers to HEAD are those to GET.
    if (!isText || request.method === "HEAD") return;
    const { answerComplaint } = await import("../../packages/node/src/server/rest/answer-test-kit.ts");
    const complaint = answerComplaint({
      method: request.method,
      route: request.is404 ? undefined : request.routeOptions.url,
      path: request.url,
      status: reply.statusCode,
      headers: reply.getHeaders(),
      body: payload ?? "",
    });
    if (complaint !== undefined) shared.answerComplaints!.push(complaint);
  });
}

afterEach(() => {
  const complaints = shared.answerComplaints!.splice(0);
  expect(complaints, "answers that the document of the HTTP interface does not allow").toEqual([]);
});
