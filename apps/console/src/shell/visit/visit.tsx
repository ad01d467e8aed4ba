import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { dataOf } from "../../api/client.ts";
import type { DemoFacts } from "../../api/demo.ts";
import { useApi } from "../../api/use-api.ts";
import { listChanges } from "../../pages/users/list-changes.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { useGoTo } from "../../ui/use-page-id.ts";
import { likeAndWatch, look, type Outcome, type Seen } from "./like-and-watch.ts";
import { saveProgress, useProgress } from "./progress.ts";
import { words } from "./strings.ts";

const STEPS = ["flow", "pick", "like", "changed", "equal", "planted"] as const;
/** Items that are offered to be liked. */
const OFFERED = 3;

/** The steps, from events to experiments. */
export function Visit({ facts }: { facts: DemoFacts }) {
  const { step, visitor } = useProgress();
  const [outcome, setOutcome] = useState<Outcome>();
  const goTo = useGoTo();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    // Behind a step the words are new: who does not see them is brought there.
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  const name = STEPS[step] ?? "flow";
  const to = (next: number) => saveProgress({ step: next });
  const isLast = step === STEPS.length - 1;
  const next = () => {
    if (isLast) return saveProgress({ step: 0, isHidden: true });
    if (name === "flow") goTo("users");
    to(step + 1);
  };
  const body: Record<(typeof STEPS)[number], ReactNode> = {
    flow: <p>{words.flow.text}</p>,
    pick: <Pick facts={facts} visitor={visitor} onPicked={() => to(step + 1)} />,
    like: (
      <Like
        visitor={visitor}
        onDone={(done) => {
          setOutcome(done);
          to(step + 1);
        }}
      />
    ),
    changed: <Changed outcome={outcome} />,
    equal: <Open words={words.equal} name={facts.experiments?.equal} />,
    planted: <Open words={words.planted} name={facts.experiments?.planted} isLast />,
  };
  return (
    <section className="visit" aria-label={words.title}>
      <div className="row spread">
        <div className="row">
          <h2 ref={heading} tabIndex={-1}>
            {words[name].title}
          </h2>
          <span className="muted small">
            {words.title}: {words.step(step + 1, STEPS.length)}
          </span>
        </div>
        <Button isSmall onPress={() => saveProgress({ isHidden: true })}>
          {words.later}
        </Button>
      </div>
      {body[name]}
      <div className="row">
        {step > 0 && <Button onPress={() => to(step - 1)}>{words.back}</Button>}
        <Button kind={name === "pick" || name === "like" ? "plain" : "primary"} onPress={next}>
          {isLast ? words.finish : words.next}
        </Button>
      </div>
    </section>
  );
}

function Pick(props: { facts: DemoFacts; visitor: string; onPicked: () => void }) {
  const { facts, visitor, onPicked } = props;
  const goTo = useGoTo();
  const look = () => {
    goTo("users", visitor);
    onPicked();
  };
  return (
    <>
      <p>{words.pick.text}</p>
      <div className="row row-end">
        <Select
          label={words.pick.label}
          value={visitor}
          options={facts.visitors.map(({ user_id, about }) => ({
            value: user_id,
            label: `${user_id}: ${about}`,
          }))}
          onChange={(chosen) => saveProgress({ visitor: chosen })}
        />
        <Button kind="primary" onPress={look}>
          {words.pick.go(visitor)}
        </Button>
      </div>
    </>
  );
}

function Like({ visitor, onDone }: { visitor: string; onDone: (outcome: Outcome) => void }) {
  const api = useApi();
  const offered = useQuery({
    queryKey: ["visit", visitor],
    queryFn: () => look(api, visitor),
  });
  const like = useMutation({
    mutationFn: (itemId: string) => likeAndWatch(api, visitor, itemId),
    onSuccess: onDone,
  });
  return (
    <>
      <p>{words.like.text(visitor)}</p>
      {offered.error !== null && <ErrorState error={offered.error} />}
      <div className="row">
        {offered.data?.list.items.slice(0, OFFERED).map((item) => (
          <Button
            key={item.item_id}
            isDisabled={like.isPending}
            onPress={() => like.mutate(item.item_id)}
          >
            {words.like.button(titleOf(item))}
          </Button>
        ))}
      </div>
      <p role="status" className="muted small">
        {like.isPending && words.like.waiting}
      </p>
      {like.error !== null && <ErrorState error={like.error} />}
    </>
  );
}

function Changed({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome === undefined) return <p>{words.changed.none}</p>;
  const { before, after, ms } = outcome;
  if (after === undefined) return <p role="status">{words.like.late}</p>;
  const idsOf = ({ list }: Seen) => list.items.map(({ item_id }) => item_id);
  const { moved } = listChanges(idsOf(before), idsOf(after));
  const [first] = after.list.items;
  return (
    <div role="status" className="stack">
      <p>{words.changed.summary(formatDuration(ms), moved, after.list.items.length)}</p>
      <p>
        {words.changed.model(before.events, after.events)} {words.changed.gone}
      </p>
      {first !== undefined && (
        <p>{words.changed.first(titleOf(first), first.reasons[0]?.text ?? "")}</p>
      )}
    </div>
  );
}

interface OpenProps {
  words: { text: string; go: string };
  name: string | undefined;
  isLast?: boolean;
}

function Open({ words: said, name, isLast = false }: OpenProps) {
  const api = useApi();
  const goTo = useGoTo();
  const open = useMutation({
    mutationFn: async () => {
      const params = { query: { page_size: 500 } };
      const { results } = await dataOf(api.GET("/api/v1/experiments", { params }));
      return results.find((one) => one.name === name)?.id;
    },
    onSuccess: (id) => {
      if (id !== undefined) goTo("experiments", id);
    },
  });
  return (
    <>
      <p>{said.text}</p>
      {isLast && <p>{words.done}</p>}
      <div>
        <Button onPress={() => open.mutate()}>{said.go}</Button>
      </div>
      {open.error !== null && <ErrorState error={open.error} />}
      <p role="status">{open.isSuccess && open.data === undefined && words.missing}</p>
    </>
  );
}

function titleOf(item: Seen["list"]["items"][number]): string {
  const { title } = (item.content ?? {}) as { title?: unknown };
  return typeof title === "string" ? title : item.item_id;
}
