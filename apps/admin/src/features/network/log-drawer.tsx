import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { PauseIcon, PlayIcon } from "@bitfleet/ui/icons.tsx";
import { KeyGate } from "@bitfleet/ui/keys/key-gate.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useLayoutEffect, useRef, useState } from "react";
import classes from "./network.module.css";
import { useNodeLog } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.log;
/** Pixels from the end within which the log is followed. */
const END_MARGIN = 40;

interface LogDrawerProps {
  /** Whose log is open; absent while none is. */
  readonly node: string | undefined;
  readonly names: readonly string[];
  readonly onNode: (node: string | undefined) => void;
}

/** The end of a node's log as it grows, in a drawer. */
export function LogDrawer({ node, names, onNode }: LogDrawerProps): ReactElement {
  return (
    <Dialog
      isOpen={node !== undefined}
      onClose={() => onNode(undefined)}
      title={texts.title(node ?? "")}
      side="middle"
      size="large"
    >
      {node !== undefined && (
        <KeyGate forRole="admin">
          <Log node={node} names={names} onNode={onNode} />
        </KeyGate>
      )}
    </Dialog>
  );
}

function Log({ node, names, onNode }: LogDrawerProps & { readonly node: string }): ReactElement {
  const [filter, setFilter] = useState("");
  const [isFollowed, setIsFollowed] = useState(true);
  const log = useNodeLog(node, isFollowed);
  const wanted = filter.trim().toLowerCase();
  const all = log.data?.lines;
  const shown = wanted === "" ? all : all?.filter((line) => line.toLowerCase().includes(wanted));
  return (
    <>
      <div className={classes.logTools}>
        <Field
          className={classes.grows}
          label={texts.filter}
          placeholder={texts.filterHint}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label className={classes.field}>
          {texts.node}
          <select value={node} onChange={(event) => onNode(event.target.value)}>
            {(names.includes(node) ? names : [node, ...names]).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Button
          variant="default"
          aria-pressed={isFollowed}
          leftSection={isFollowed ? <PauseIcon /> : <PlayIcon />}
          onClick={() => setIsFollowed(!isFollowed)}
        >
          {isFollowed ? texts.pause : texts.follow}
        </Button>
      </div>
      {shown === undefined || all === undefined ? (
        log.error !== null ? (
          <ErrorMessage error={log.error} onRetry={() => void log.refetch()} />
        ) : (
          <LoadingRows count={12} height={18} label={texts.loading} />
        )
      ) : (
        <>
          <Lines
            lines={shown}
            label={texts.title(node)}
            empty={all.length === 0 ? texts.empty : texts.noMatch}
            isFollowed={isFollowed}
          />
          <div className={classes.logFoot}>
            <span>{texts.lines(shown.length, all.length)}</span>
            <CopyButton text={() => shown.join("\n")} label={texts.copy} />
          </div>
        </>
      )}
    </>
  );
}

/** Keeps to the end as lines come, unless the reader has scrolled away from it. */
function Lines(props: {
  readonly lines: readonly string[];
  readonly label: string;
  readonly empty: string;
  readonly isFollowed: boolean;
}): ReactElement {
  const { lines, isFollowed } = props;
  const place = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lines decide how long it is
  useLayoutEffect(() => {
    const element = place.current;
    if (element !== null && isFollowed && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines, isFollowed]);
  return (
    <section
      ref={place}
      className={classes.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      aria-label={props.label}
      data-testid="log"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_MARGIN;
      }}
    >
      {lines.length === 0 ? props.empty : lines.join("\n")}
    </section>
  );
}
