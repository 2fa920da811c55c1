import { pageSession } from "./session/page-session.ts";
import type { Session } from "./session/session.ts";

/** The session that all screens are shown by. */
export function openSession(): Session {
  return pageSession();
}
