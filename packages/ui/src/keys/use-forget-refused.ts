import { useEffect } from "react";
import { toast } from "../toasts/toast-store.ts";
import { isKeyRefused } from "./key-errors.ts";
import type { KeyAccess } from "./keys-provider.tsx";
import { keyTexts } from "./texts.ts";

/** Refusals that were heeded: one that a query keeps says nothing about a key that was entered since. */
const heeded = new WeakSet<Error>();

/** Forgets the key that a query was refused for, so that it is asked for anew and not tried again and again; says so. */
export function useForgetRefused(
  error: Error | null,
  { isKnown, forget }: Pick<KeyAccess, "isKnown" | "forget">,
): void {
  useEffect(() => {
    if (!isKnown || !isKeyRefused(error) || heeded.has(error)) return;
    heeded.add(error);
    forget();
    toast.failure(keyTexts.refused, error);
  }, [error, isKnown, forget]);
}
