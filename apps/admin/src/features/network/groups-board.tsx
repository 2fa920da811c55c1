import type { NetworkNodeView, NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { CutIcon, HeartIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type DragEvent, type ReactElement, type ReactNode, useState } from "react";
import { type Groups, groupsOf, isSameGroups, moved } from "./groups.ts";
import classes from "./network.module.css";
import { useNetworkActions } from "./queries.ts";
import { tipOfGroup } from "./story.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.groups;
/** What a node that is dragged carries, so that nothing else can be dropped. */
const DRAG_TYPE = "application/x-bitfleet-node";
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
      onSuccess: ({ height, absent }) => {
        setDraft(undefined);
        const text = absent.length > 0 ? { text: texts.absent(absent) } : {};
        toast.good(texts.healed(formatCount(height)), text);
      },
      onError: (error) => toast.failure(texts.notHealed, error),
    });
  };

  const note = isChanged ? texts.changed(groups.length) : isParted ? texts.current(groups.length) : texts.one;
  return (
    <Card title={texts.title} aside={<span className={classes.note}>{note}</span>}>
      <p className={classes.about}>{texts.about}</p>
      <div className={classes.groups}>
        {groups.map((group, index) => (
          <DropPlace
            key={texts.group(index + 1)}
            label={texts.group(index + 1)}
            group={isParted || isChanged ? index % 5 : undefined}
            onDrop={(name) => put(name, index)}
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
                    onPut={(toIndex) => put(node.name, toIndex)}
                  />
                ))}
            </ul>
          </DropPlace>
        ))}
        {groups.length < names.length && (
          <DropPlace label={texts.newGroup} isEmpty onDrop={(name) => put(name, groups.length)}>
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
  /** Its colour; absent while all are together. */
  readonly group?: number | undefined;
  readonly isEmpty?: boolean;
  readonly onDrop: (name: string) => void;
  readonly children: ReactNode;
}): ReactElement {
  const [isOver, setIsOver] = useState(false);
  const isNode = (event: DragEvent) => event.dataTransfer.types.includes(DRAG_TYPE);
  return (
    <section
      className={`${classes.group} ${props.isEmpty ? classes.drop : ""}`}
      aria-label={props.label}
      data-group={props.group}
      data-over={isOver}
      onDragOver={(event) => {
        if (!isNode(event)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        if (!isNode(event)) return;
        event.preventDefault();
        props.onDrop(event.dataTransfer.getData(DRAG_TYPE));
      }}
    >
      {props.children}
    </section>
  );
}

/** A node: dragged with the mouse, or put by the choice at its end. */
function Member(props: {
  readonly node: NetworkNodeView;
  readonly index: number;
  readonly groupCount: number;
  /** It stands where its group does, which says so already. */
  readonly isAtTip: boolean;
  /** Whether a group is left when it goes to a new one. */
  readonly canLeave: boolean;
  readonly onPut: (toIndex: number) => void;
}): ReactElement {
  const { node, index, groupCount, isAtTip } = props;
  return (
    <li
      className={classes.member}
      draggable
      data-node={node.name}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, node.name);
        event.dataTransfer.effectAllowed = "move";
      }}
    >
      <span className={classes.dot} data-state={node.state} />
      <strong>{node.name}</strong>
      <span className={classes.tip}>{isAtTip ? "" : tipText(node)}</span>
      <select
        aria-label={texts.choose(node.name)}
        value={index}
        onChange={(event) => props.onPut(Number(event.target.value))}
      >
        {Array.from({ length: groupCount }, (_, at) => (
          <option key={texts.group(at + 1)} value={at}>
            {texts.group(at + 1)}
          </option>
        ))}
        {props.canLeave && <option value={groupCount}>{texts.newGroup}</option>}
      </select>
    </li>
  );
}
