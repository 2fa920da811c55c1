import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import classes from "./console.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.list;
type Category = RpcMethodView["category"];
const CATEGORIES = Object.keys(texts.categories) as Category[];

interface MethodListProps {
  readonly methods: readonly RpcMethodView[];
  readonly chosen: string | undefined;
  /** That calls are about; it stays so with another method. */
  readonly wallet: string;
}

/** The methods by category, found by name or by their help. */
export function MethodList({ methods, chosen, wallet }: MethodListProps): ReactElement {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    // A link leads to one far down: the list shows it, and the page stays where it is.
    const current = list.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (list.current === null || !current) return;
    const [frame, line] = [list.current.getBoundingClientRect(), current.getBoundingClientRect()];
    if (line.top < frame.top || line.bottom > frame.bottom)
      list.current.scrollTop += line.top - frame.top - frame.height / 2;
  }, []);
  const found = useMemo(() => findMethods(methods, wanted), [methods, wanted]);
  return (
    <>
      <Field label={texts.search} type="search" value={text} onChange={(event) => setText(event.target.value)} />
      <nav ref={list} className={classes.list} aria-label={texts.label}>
        {found.length === 0 && <p className={classes.note}>{texts.nothing}</p>}
        {CATEGORIES.map((category) => {
          const own = found.filter((method) => method.category === category);
          if (own.length === 0) return null;
          return (
            <section key={category} aria-label={texts.categories[category]}>
              <h2>{texts.categories[category]}</h2>
              <ul>
                {own.map(({ name }) => (
                  <li key={name}>
                    <Link
                      to="/console"
                      search={{ method: name, ...(wallet !== "" && { wallet }) }}
                      resetScroll={false}
                      aria-current={name === chosen ? "page" : undefined}
                    >
                      {name}
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </nav>
    </>
  );
}

/** By name where any is called so, else by what their help says. */
function findMethods(methods: readonly RpcMethodView[], wanted: string): readonly RpcMethodView[] {
  const named = methods.filter(({ name }) => name.includes(wanted));
  return named.length > 0 ? named : methods.filter(({ help }) => help.toLowerCase().includes(wanted));
}
