/**
 * Every answer that a web application gives in a test is held to the document of the HTTP interface, whatever the test looks
 * for; one that does not fit fails the test.
 */
import { afterEach, expect } from "vitest";
import { watchAnswers } from "../contract/watch-answers.ts";

/** Once for each thread, which reads this file anew for each file of tests. */
const shared = globalThis as typeof globalThis & { answerComplaints?: string[] };

if (shared.answerComplaints === undefined) {
  const complaints: string[] = [];
  shared.answerComplaints = complaints;
  watchAnswers((complaint) => complaints.push(complaint));
}

afterEach(() => {
  const complaints = shared.answerComplaints!.splice(0);
  expect(complaints, "answers that the document of the HTTP interface does not allow").toEqual([]);
});
