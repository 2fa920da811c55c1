import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type Fragment, fold, type Miniscript } from "./expression.ts";

/** A fragment's text, and whether it begins with wrappers, behind which more may follow without a colon of its own. */
interface Text {
  readonly wrappers: string;
  readonly body: string;
}

const plain = (body: string): Text => ({ wrappers: "", body });
const wrapped = (wrapper: string, { wrappers, body }: Text): Text => ({ wrappers: wrapper + wrappers, body });
const textOf = ({ wrappers, body }: Text) => (wrappers === "" ? body : `${wrappers}:${body}`);

/** The miniscript as text, with short forms wherever there are any. */
export function miniscriptText<Key>(root: Miniscript<Key>, keyText: (key: Key) => string): string {
  return textOf(fold<Key, Text>(root, (node, subs) => fragmentText(node, subs, keyText)));
}

function fragmentText<Key>(node: Miniscript<Key>, texts: readonly Text[], keyText: (key: Key) => string): Text {
  const { fragment, number, keys, hash, subs } = node;
  const call = (name: string, given: readonly (string | number)[]) => plain(`${name}(${given.join(",")})`);
  const is = (index: number, name: Fragment) => subs[index]?.fragment === name;
  switch (fragment) {
    case "0":
    case "1":
      return plain(fragment);
    case "pk_k":
    case "pk_h":
      return call(fragment, keys.map(keyText));
    case "older":
    case "after":
      return call(fragment, [number]);
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return call(fragment, [toHex(hash)]);
    case "multi":
    case "multi_a":
      return call(fragment, [number, ...keys.map(keyText)]);
    case "thresh":
      return call(fragment, [number, ...texts.map(textOf)]);
    case "c":
      if (is(0, "pk_k")) return call("pk", subs[0]!.keys.map(keyText));
      if (is(0, "pk_h")) return call("pkh", subs[0]!.keys.map(keyText));
      return wrapped("c", texts[0]!);
    case "a":
    case "s":
    case "d":
    case "v":
    case "j":
    case "n":
      return wrapped(fragment, texts[0]!);
    case "and_v":
      return is(1, "1") ? wrapped("t", texts[0]!) : call(fragment, texts.map(textOf));
    case "or_i":
      if (is(0, "0")) return wrapped("l", texts[1]!);
      return is(1, "0") ? wrapped("u", texts[0]!) : call(fragment, texts.map(textOf));
    case "andor":
      return is(2, "0") ? call("and_n", texts.slice(0, 2).map(textOf)) : call(fragment, texts.map(textOf));
    default:
      return call(fragment, texts.map(textOf));
  }
}
