import type { AddressInfo } from "@bitfleet/api/rest/addresses.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import classes from "./address.module.css";
import { type useHistory, useOwner } from "./queries.ts";
import { texts } from "./texts.ts";

const words = texts.card;
const QR_SIZE = 168;

interface AddressCardProps {
  readonly address: string;
  readonly info: AddressInfo | undefined;
  readonly history: ReturnType<typeof useHistory>;
}

/** What stands behind an address: the script that it pays to, how to reach it, and whether it was used too often. */
export function AddressCard({ address, info, history }: AddressCardProps): ReactElement {
  const script = info?.script;
  const shown = script?.address ?? address;
  const type = script?.type ?? "";
  return (
    <Card title={words.title}>
      <div className={classes.identity}>
        <QrCode text={shown} label={words.qr(shown)} size={QR_SIZE} />
        <dl className={classes.fields}>
          {script !== null && (
            <>
              <div>
                <dt>{words.type}</dt>
                <dd>{type === "" ? " " : (words.types[type as keyof typeof words.types] ?? type)}</dd>
              </div>
              <div>
                <dt>{words.scriptPubKey}</dt>
                <dd>{script === undefined ? " " : <Hash value={script.hex} label="scriptPubKey" isWhole />}</dd>
              </div>
            </>
          )}
          <div>
            <dt>{words.scriptHash}</dt>
            <dd>{info === undefined ? " " : <Hash value={info.script_hash} label="script hash" />}</dd>
          </div>
          <OwnerField address={shown} />
          <div>
            <dt>{words.reuse}</dt>
            <dd data-testid="reuse">{reuseOf(history)}</dd>
          </div>
        </dl>
      </div>
    </Card>
  );
}

/** The wallet of this node that has it, where the reader may know. */
function OwnerField({ address }: { readonly address: string }): ReactElement | null {
  const { data: owner } = useOwner(address);
  if (owner == null) return null;
  return (
    <div data-testid="owner">
      <dt>{words.wallet}</dt>
      <dd>
        <Link to="/wallet/$name" params={{ name: owner.wallet }}>
          {owner.wallet}
        </Link>{" "}
        {owner.label !== null && owner.label !== "" && (
          <span className={classes.quiet}>{words.labelled(owner.label)}</span>
        )}
      </dd>
    </div>
  );
}

/** How often it was paid, as far as the history was read. */
function reuseOf({ data, hasNextPage }: ReturnType<typeof useHistory>): string {
  if (data === undefined) return " ";
  const count = data.pages.flatMap((page) => page.items).filter((item) => item.received > 0).length;
  if (count > 1) return words.reused(`${formatCount(count)}${hasNextPage ? "+" : ""}`);
  return count === 1 ? words.once : words.fresh;
}
