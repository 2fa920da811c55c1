import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, type ReactNode, useState } from "react";
import classes from "./network.module.css";
import { useNetworkActions } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.actions;
/** Of one request; the node takes no more. */
const BLOCKS_MAX = 1_000;

interface Order {
  readonly count: number;
  /** "" for whichever is the first. */
  readonly node: string;
}

/** Blocks at once: on top, or in the place of the last ones. */
export function BlockActions({ status }: { readonly status: NetworkStatus }): ReactElement {
  const confirm = useConfirm();
  const { mine, reorg } = useNetworkActions();
  const names = status.nodes.map(({ name }) => name);
  const fieldsOf = (node: string) => (node === "" ? {} : { node });
  const onMine = async ({ count, node }: Order) => {
    const text = texts.mineText(node || texts.any);
    if (!(await confirm({ title: texts.mineTitle(count), text, confirmLabel: texts.mineButton }))) return;
    mine.mutate(
      { blocks: count, ...fieldsOf(node) },
      {
        onSuccess: (mined) =>
          toast.good(texts.mined(count, mined.node), { text: texts.tipNow(formatCount(mined.height)) }),
        onError: (error) => toast.failure(texts.notMined, error),
      },
    );
  };
  const onReorg = async ({ count, node }: Order) => {
    const question = {
      title: texts.reorgTitle(count),
      text: texts.reorgText(count, node || texts.any),
      confirmLabel: texts.reorgButton,
      isDangerous: true,
    };
    if (!(await confirm(question))) return;
    reorg.mutate(
      { depth: count, ...fieldsOf(node) },
      {
        onSuccess: ({ height }) => toast.good(texts.reorged(count), { text: texts.tipNow(formatCount(height)) }),
        onError: (error) => toast.failure(texts.notReorged, error),
      },
    );
  };
  return (
    <Card title={texts.title}>
      <OrderForm
        title={texts.mine}
        about={texts.mineAbout}
        label={texts.count}
        button={texts.mineButton}
        names={names}
        isBusy={mine.isPending}
        onOrder={(order) => void onMine(order)}
      />
      <OrderForm
        title={texts.reorg}
        about={texts.reorgAbout}
        label={texts.depth}
        button={texts.reorgButton}
        names={names}
        isBusy={reorg.isPending}
        onOrder={(order) => void onReorg(order)}
      />
    </Card>
  );
}

function OrderForm(props: {
  readonly title: string;
  readonly about: ReactNode;
  readonly label: string;
  readonly button: string;
  readonly names: readonly string[];
  readonly isBusy: boolean;
  readonly onOrder: (order: Order) => void;
}): ReactElement {
  const [count, setCount] = useState("1");
  const [node, setNode] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = () => {
    const wanted = Number(count.trim());
    if (!/^\d+$/.test(count.trim()) || wanted < 1 || wanted > BLOCKS_MAX)
      return setProblem(texts.whole(formatCount(BLOCKS_MAX)));
    props.onOrder({ count: wanted, node: props.names.includes(node) ? node : "" });
  };
  return (
    <form
      className={classes.form}
      aria-label={props.title}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.isBusy) submit();
      }}
    >
      <h3>{props.title}</h3>
      <p className={classes.about}>{props.about}</p>
      <Field
        className={classes.number}
        label={props.label}
        inputMode="numeric"
        value={count}
        problem={problem}
        onChange={(event) => {
          setCount(event.target.value);
          setProblem(undefined);
        }}
      />
      <label className={classes.field}>
        {texts.node}
        <select value={node} onChange={(event) => setNode(event.target.value)}>
          <option value="">{texts.any}</option>
          {props.names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Button type="submit" variant="default" className={classes.submit ?? ""} loading={props.isBusy}>
        {props.button}
      </Button>
    </form>
  );
}
