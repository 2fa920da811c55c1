import type { NetworkNodeView, NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { CutIcon, GripIcon, HeartIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type KeyboardEvent, type ReactElement, type ReactNode, useState } from "react";
import { type Groups, groupsOf, isSameGroups, moved } from "./groups.ts";
import classes from "./network.module.css";
import { useNetworkActions } from "./queries.ts";
import { tipOfGroup } from "./story.ts";
import { texts as allTexts } from "./texts.ts";
import { Tie } from "./tie.tsx";
import { type NodeDrag, useNodeDrag } from "./use-node-drag.ts";

const texts = allTexts.groups;
/** Last digits of a hash. */
const HASH_DIGITS = 6;

/** Who talks to whom: nodes are dragged or chosen into groups, which are then separated, and healed again. */
export function GroupsBoard({ status }: { readonly status: NetworkStatus }): ReactElement {
  const [draft, setDraft] = useState<Groups>();
  const confirm = useConfirm();
  const { separate, heal } = useNetworkActions();
  const names = status.nodes.map(({ name }) => name);
  const current = groupsOf(status.partition, names);
  const groups = draft === undefined ? current : groupsOf(draft, names);
  const isChanged = !isSameGroups(groups, current);
  const isParted = status.partition.length > 1;
  const put = (name: string, toIndex: number) => setDraft(moved(groups, name, toIndex));
  const { drag, handlersOf } = useNodeDrag(put);

  const onSeparate = async () => {
    const text = (
      <>
        <p>{texts.separateText}</p>
        <ol>
          {groups.map((group) => (
            <li key={group.join()}>{group.join(", ")}</li>
          ))}
        </ol>
      </>
    );
    if (!(await confirm({ title: texts.separateTitle, text, confirmLabel: texts.separateConfirm }))) return;
    separate.mutate(groups, {
      onSuccess: ({ absent }) => {
        setDraft(undefined);
        toast.good(texts.separated, absent.length > 0 ? { text: texts.absent(absent) } : {});
      },
      onError: (error) => toast.failure(texts.notSeparated, error),
    });
  };
  const onHeal = async () => {
    const question = { title: texts.healTitle, text: texts.healText, confirmLabel: texts.healConfirm };
    if (!(await confirm(question))) return;
    heal.mutate(undefined, {
      onSuccess: ({ height, tied, absent }) => {
        setDraft(undefined);
        const text = absent.length > 0 ? { text: texts.absent(absent) } : {};
        if (tied.length > 0) toast.plain(texts.healedTied, { text: texts.tied(formatCount(height)) });
        else toast.good(texts.healed(formatCount(height)), text);
      },
      onError: (error) => toast.failure(texts.notHealed, error),
    });
  };

  const note = isChanged ? texts.changed(groups.length) : isParted ? texts.current(groups.length) : texts.one;
  return (
    <Card title={texts.title} aside={<span className={classes.note}>{note}</span>}>
      <p className={classes.about}>{texts.about}</p>
      <Tie status={status} />
      <div className={classes.groups}>
        {groups.map((group, index) => (
          <DropPlace
            key={texts.group(index + 1)}
            label={texts.group(index + 1)}
            index={index}
            group={isParted || isChanged ? index % 5 : undefined}
            isOver={drag?.over === index}
          >
            <GroupHead index={index} nodes={status.nodes} group={group} />
            <ul className={classes.members}>
              {status.nodes
                .filter(({ name }) => group.includes(name))
                .map((node) => (
                  <Member
                    key={node.name}
                    node={node}
                    index={index}
                    groupCount={groups.length}
                    isAtTip={node.hash !== null && node.hash === tipOfGroup(status.nodes, group)?.hash}
                    canLeave={group.length > 1}
                    drag={drag?.name === node.name ? drag : undefined}
                    handlers={handlersOf(node.name)}
                    onPut={(toIndex) => put(node.name, toIndex)}
                  />
                ))}
            </ul>
          </DropPlace>
        ))}
        {groups.length < names.length && (
          <DropPlace label={texts.newGroup} index={groups.length} isEmpty isOver={drag?.over === groups.length}>
            {texts.dropNew}
          </DropPlace>
        )}
      </div>
      <div className={classes.buttons}>
        <Button
          leftSection={<CutIcon />}
          disabled={!isChanged || groups.length < 2}
          loading={separate.isPending}
          onClick={() => void onSeparate()}
        >
          {texts.separate}
        </Button>
        <Button
          variant="default"
          leftSection={<HeartIcon size={16} />}
          disabled={!isParted}
          loading={heal.isPending}
          onClick={() => void onHeal()}
        >
          {texts.heal}
        </Button>
        {isChanged && (
          <Button variant="default" onClick={() => setDraft(undefined)}>
            {texts.back}
          </Button>
        )}
      </div>
    </Card>
  );
}

function GroupHead({
  index,
  nodes,
  group,
}: {
  readonly index: number;
  readonly nodes: readonly NetworkNodeView[];
  readonly group: readonly string[];
}): ReactElement {
  const tip = tipOfGroup(nodes, group);
  return (
    <header className={classes.groupHead}>
      <strong>{texts.group(index + 1)}</strong>
      <span>{tipText(tip)}</span>
    </header>
  );
}

function tipText(at: { readonly height: number | null; readonly hash: string | null } | undefined): string {
  if (at === undefined || at.height === null || at.hash === null) return texts.noTip;
  return `${formatCount(at.height)} · ${at.hash.slice(-HASH_DIGITS)}`;
}

function DropPlace(props: {
  readonly label: string;
  /** Its number, for what is dropped here. */
  readonly index: number;
  /** Its colour; absent while all are together. */
  readonly group?: number | undefined;
  readonly isEmpty?: boolean;
  /** A node is held above it. */
  readonly isOver: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section
      className={`${classes.group} ${props.isEmpty ? classes.drop : ""}`}
      aria-label={props.label}
      data-drop={props.index}
      data-group={props.group}
      data-over={props.isOver}
    >
      {props.children}
    </section>
  );
}

type DragHandlers = ReturnType<ReturnType<typeof useNodeDrag>["handlersOf"]>;

/** A node: dragged, moved by the arrow keys on its handle, or put by the choice at its end. */
function Member(props: {
  readonly node: NetworkNodeView;
  readonly index: number;
  readonly groupCount: number;
  /** It stands where its group does, which says so already. */
  readonly isAtTip: boolean;
  /** Whether a group is left when it goes to a new one. */
  readonly canLeave: boolean;
  readonly drag: NodeDrag | undefined;
  readonly handlers: DragHandlers;
  readonly onPut: (toIndex: number) => void;
}): ReactElement {
  const { node, index, groupCount, isAtTip, canLeave, drag, onPut } = props;
  const lastIndex = canLeave ? groupCount : groupCount - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : isBack(event.key) ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const toIndex = index + step;
    if (toIndex < 0 || toIndex > lastIndex) return;
    onPut(toIndex);
    // It is made anew in the other group, where the next key is to find it.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-handle="${node.name}"]`)?.focus());
  };
  return (
    <li
      className={classes.member}
      data-node={node.name}
      data-dragged={drag !== undefined}
      style={drag === undefined ? {} : { transform: `translate(${drag.x}px, ${drag.y}px)` }}
      {...props.handlers}
    >
      <button
        type="button"
        className={classes.handle}
        data-handle={node.name}
        aria-label={texts.handle(node.name)}
        title={texts.handleHint}
        onKeyDown={onKeyDown}
      >
        <GripIcon />
      </button>
      <span className={classes.dot} data-state={node.state} />
      <strong>{node.name}</strong>
      {!isAtTip && <span className={classes.tip}>{tipText(node)}</span>}
      <select
        aria-label={texts.choose(node.name)}
        value={index}
        onChange={(event) => onPut(Number(event.target.value))}
      >
        {Array.from({ length: groupCount }, (_, at) => (
          <option key={texts.group(at + 1)} value={at}>
            {texts.group(at + 1)}
          </option>
        ))}
        {canLeave && <option value={groupCount}>{texts.newGroup}</option>}
      </select>
    </li>
  );
}

const isBack = (key: string) => key === "ArrowLeft" || key === "ArrowUp";
