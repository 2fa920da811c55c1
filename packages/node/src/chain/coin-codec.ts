import type { BlockUndo, Coin } from "@bitfleet/protocol/consensus/chain-view.ts";

/** A coin as the chainstate database stores it. */
export function encodeCoin(_coin: Coin): Uint8Array {
  throw new Error("not yet");
}

/** Throws `DecodeError`. The script is a copy. */
export function decodeCoin(_bytes: Uint8Array): Coin {
  throw new Error("not yet");
}

/** What a block spent, as the rev files store it (without head and checksum). */
export function encodeUndo(_undo: BlockUndo): Uint8Array {
  throw new Error("not yet");
}

/** Throws `DecodeError`. The scripts are copies. */
export function decodeUndo(_bytes: Uint8Array): BlockUndo {
  throw new Error("not yet");
}
