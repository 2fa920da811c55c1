import { useState, useSyncExternalStore } from "react";
import { isKeyRefused } from "./key-errors.ts";
import { forgetKey, rememberedKey, rememberKey, watchKeys } from "./remembered-keys.ts";

/** The admin key of a form that has a field of its own for it. */
export interface AdminKeyField {
  /** The one to send; "" where there is none yet. */
  readonly key: string;
  /** Whether the node has accepted one, so that none need be asked for. */
  readonly isKnown: boolean;
  /** What the form's own field holds. */
  readonly typed: string;
  type(text: string): void;
  /** The node has accepted what was sent: everything in the tab has it from now on. */
  accepted(): void;
  /** The call failed. Where the reason is the key, it is asked for again. */
  failed(error: unknown): void;
}

/** For a form with a field for the key; elsewhere `useAdminKey` asks for it where it is needed. */
export function useAdminKeyField(): AdminKeyField {
  const known = useSyncExternalStore(watchKeys, () => rememberedKey("admin"));
  const [typed, setTyped] = useState("");
  const key = known === "" ? typed : known;
  return {
    key,
    isKnown: known !== "",
    typed,
    type: (text) => setTyped(text.trim()),
    accepted: () => rememberKey("admin", key),
    failed: (error) => {
      if (isKeyRefused(error)) forgetKey("admin");
    },
  };
}
