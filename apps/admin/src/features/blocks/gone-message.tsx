import { ApiError } from "@bitfleet/api/errors.ts";
import { Message } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

/** Whether an answer says that a block which is known has no transactions here. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** In the place of what is made of a block's transactions, where they were deleted. */
export function GoneMessage(): ReactElement {
  return <Message title={texts.data.goneTitle}>{texts.data.gone}</Message>;
}
