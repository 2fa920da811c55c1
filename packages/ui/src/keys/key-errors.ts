import { ApiError } from "@bitfleet/api/errors.ts";

/** The reader was asked for a key and gave none: nothing was done, and nothing need be said. */
export class KeyNotGiven extends Error {
  constructor() {
    super("No key was given, so nothing was done.");
    this.name = "KeyNotGiven";
  }
}

/** Whether a call failed for its key. */
export function isKeyRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
