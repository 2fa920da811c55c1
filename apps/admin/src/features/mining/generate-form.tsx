import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import type { MinerChoice } from "./miner-choice.ts";
import classes from "./mining.module.css";
import { useGenerate } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.now;

/** Blocks that the node makes for one call. */
const COUNT_MAX = 1000;
/** Of the blocks that were just made, the newest. */
const SHOWN_MAX = 5;

/** Makes blocks at once on the chosen node that pay to an address, or to the wallet of its network, when that is confirmed. */
export function GenerateForm({ choice }: { readonly choice: MinerChoice }): ReactElement {
  const [address, setAddress] = useState("");
  const [count, setCount] = useState("1");
  const confirm = useConfirm();
  const generate = useGenerate(choice);

  const mine = async () => {
    const order = { address: address.trim(), count: Number(count) };
    const isWanted = await confirm({
      title: texts.confirmTitle(order.count, formatCount(order.count), choice.node),
      text: texts.confirmText(order.address),
      confirmLabel: texts.confirm,
    });
    if (!isWanted) return;
    try {
      const hashes = await generate.mutateAsync(order);
      if (hashes.length === 0) toast.bad(texts.none, { text: texts.noneText });
      else toast.good(texts.done(hashes.length, formatCount(hashes.length)));
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };

  const hashes = generate.data ?? [];
  const hasWallet = choice.node !== undefined;
  return (
    <form
      className={classes.form}
      aria-label={texts.form}
      onSubmit={(event) => {
        event.preventDefault();
        void mine();
      }}
    >
      <p className={classes.about}>{texts.about}</p>
      <Field
        className={classes.whole}
        label={texts.address}
        hint={hasWallet ? texts.walletHint : texts.addressHint}
        required={!hasWallet}
        value={address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <Field
        label={texts.count}
        hint={texts.countHint(formatCount(COUNT_MAX))}
        type="number"
        min="1"
        max={COUNT_MAX}
        step="1"
        required
        value={count}
        onChange={(event) => setCount(event.target.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="sm" loading={generate.isPending}>
          {texts.mine}
        </Button>
      </div>
      {hashes.length > 0 && (
        <div className={classes.made}>
          <span>{texts.last}</span>
          <ul>
            {hashes
              .slice(-SHOWN_MAX)
              .toReversed()
              .map((hash) => (
                <li key={hash}>
                  <BlockLink id={hash} edgeCount={12} />
                </li>
              ))}
          </ul>
        </div>
      )}
    </form>
  );
}
