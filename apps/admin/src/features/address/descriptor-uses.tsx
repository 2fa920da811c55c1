import type { WatchAddresses } from "@bitfleet/api/rest/watch.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { AddressLink } from "@bitfleet/ui/places.tsx";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import classes from "./address.module.css";
import { texts } from "./texts.ts";

const words = texts.use;
const ROW_HEIGHT = 70;
/** Characters at both ends of a descriptor. */
const EDGE_COUNT = 22;

/** How far each descriptor was used, and its next address to give away. */
export function DescriptorUses({ derived }: { readonly derived: WatchAddresses | undefined }): ReactElement {
  return (
    <Card title={words.title}>
      {derived === undefined ? (
        <LoadingRows count={2} height={ROW_HEIGHT} label={words.title} />
      ) : (
        <ul className={classes.uses} data-testid="descriptor-uses">
          {derived.descriptors.map((use) => {
            const next = derived.addresses.find(
              (one) => one.descriptor === use.position && one.variant === use.variant && one.index === use.next_index,
            );
            return (
              <li key={`${use.position}-${use.variant}`}>
                <Hash value={use.descriptor} label={words.copy} edgeCount={EDGE_COUNT} />
                <span className={classes.quiet}>
                  {words.used(formatCount(use.used_count), formatCount(use.to - use.from + 1))}
                  {use.is_ranged && ` · ${words.range(formatCount(use.from), formatCount(use.to))}`}
                </span>
                {typeof next?.address === "string" && (
                  <span>
                    <span className={classes.quiet}>{words.next} </span>
                    <AddressLink address={next.address} />
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
