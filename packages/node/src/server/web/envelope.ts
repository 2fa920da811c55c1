import type { Envelope } from "@bitfleet/api/schema.ts";

/** Wraps an answer. The time is real, whatever consensus rules are told. */
export function success<Data>(data: Data): Envelope<Data> {
  return { success: true, data, error: null, timestamp: new Date().toISOString() };
}

/** The same where the data is JSON text already. */
export function successText(data: string): string {
  return `{"success":true,"data":${data},"error":null,"timestamp":"${new Date().toISOString()}"}`;
}

/** `details`: of a call of JSON-RPC, what it says itself. */
export function failure(error: string, details?: Envelope<never>["details"]): Envelope<never> {
  const timestamp = new Date().toISOString();
  return { success: false, data: null, error, ...(details && { details }), timestamp };
}

/** A reason as a sentence of its own: the REST routes answer in sentences, the calls of JSON-RPC without a full stop. */
export function asSentence(reason: string): string {
  return reason.replace(/[^.?!]$/, "$&.");
}
