import { ApiError } from "@bitfleet/api/errors.ts";
import { useState, useSyncExternalStore } from "react";
import { rememberAdminKey, rememberedAdminKey, watchAdminKey } from "./remembered-keys.ts";

/** The key of who changes something, for one form. */
export interface AdminKey {
  /** The one to send; "" where there is none yet. */
  readonly key: string;
  /** Whether the node has accepted one, so that none need be asked for. */
  readonly isKnown: boolean;
  /** What the form's own field holds. */
  readonly typed: string;
  type(text: string): void;
  /** The node has accepted what was sent: every form of the tab has it from now on. */
  accepted(): void;
  /** The call failed. Where the reason is the key, it is asked for again. */
  failed(error: unknown): void;
}

/** Shared by all forms of a tab, so that the key is asked for once. */
export function useAdminKey(): AdminKey {
  const known = useSyncExternalStore(watchAdminKey, rememberedAdminKey);
  const [typed, setTyped] = useState("");
  const key = known === "" ? typed : known;
  return {
    key,
    isKnown: known !== "",
    typed,
    type: (text) => setTyped(text.trim()),
    accepted: () => rememberAdminKey(key),
    failed: (error) => {
      if (error instanceof ApiError && error.status === 401) rememberAdminKey("");
    },
  };
}
