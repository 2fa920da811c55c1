import { subscribe } from "node:diagnostics_channel";
import type { FastifyInstance } from "fastify";

/**
 * Holds every answer of every web application that is made from now on to the document of the HTTP interface, and reports those
 * that do not fit. Fastify tells of each application that is made.
 */
export function watchAnswers(report: (complaint: string) => void): void {
  subscribe("fastify.initialization", (message) => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onSend", async (request, reply, payload) => {
      const isText = payload === undefined || payload === null || typeof payload === "string";
      // Files are streams; answers to HEAD are those to GET. An application of a test's own, so decorated, has other routes.
      if (!isText || request.method === "HEAD" || fastify.hasDecorator("isOfTest")) return;
      // Read when there is an answer: most tests have none.
      const { answerComplaint } = await import("../../packages/node/src/server/rest/answer-test-kit.ts");
      const complaint = answerComplaint({
        method: request.method,
        route: request.is404 ? undefined : request.routeOptions.url,
        path: request.url,
        status: reply.statusCode,
        headers: reply.getHeaders(),
        body: payload ?? "",
      });
      if (complaint !== undefined) report(complaint);
    });
  });
}
