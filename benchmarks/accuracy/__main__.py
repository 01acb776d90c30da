"""`make accuracy`: score the findings on every label set, and write the scores for the site."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.accuracy.labels import SHARED, Case
from benchmarks.accuracy.scores import Table, table
from benchmarks.accuracy.tasks import TASKS, Task
from harvester.evidence.derivation import findings_of

# What the methods page shows.
PUBLISHED = Path(__file__).parents[2] / "harvester/evidence/accuracy.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--part", choices=("open", "sealed"), default="sealed")
    parser.add_argument("--task", help="only this task, such as psynamic.condition")
    parser.add_argument("--short", action="store_true", help="one line a task")
    parser.add_argument("--errors", action="store_true", help="list the errors of the open part")
    parser.add_argument("--write", action="store_true", help=f"write {PUBLISHED.name}")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"The label sets are not there: {SHARED.name} is missing.")
    if arguments.errors and arguments.part != "open":
        raise SystemExit("Only errors of the open part may be looked at: add --part open.")
    if arguments.write and (arguments.part != "sealed" or arguments.task):
        raise SystemExit("Only the scores of all tasks on the sealed part are published.")
    published = []
    for task in TASKS:
        name = f"{task.set}.{task.name}"
        if arguments.task and arguments.task not in (name, task.set):
            continue
        results = tuple(_answers(task, arguments.part))
        scored = table((true, said) for _, true, said in results)
        _print(name, task, scored, short=arguments.short)
        published.append(_as_json(task, scored))
        if arguments.errors:
            _print_errors(results)
    if arguments.write:
        day = datetime.now(UTC).date().isoformat()
        text = json.dumps({"measured": day, "tasks": published}, indent=1, ensure_ascii=False)
        PUBLISHED.write_text(text + "\n", encoding="utf-8")


def _as_json(task: Task, scored: Table) -> dict[str, Any]:
    return {
        "set": task.set,
        "task": task.name,
        "facet": task.facet,
        "abstracts": scored.cases,
        "measure": task.measure,
        "reached": round(getattr(scored, task.measure), 3),
        "bar": task.bar,
        "values": [
            {
                "value": score.value,
                "cases": score.support,
                "precision": round(score.precision, 3),
                "recall": round(score.recall, 3),
                "f1": round(score.f1, 3),
            }
            for score in scored.scores
            if score.support
        ],
    }


def _answers(task: Task, part: str) -> Iterator[tuple[Case, frozenset[str], frozenset[str]]]:
    for case in task.cases():
        if case.part == part and (answer := task.answer(case, findings_of(case.article))):
            yield case, *answer


def _print(name: str, task: Task, scored: Table, *, short: bool) -> None:
    reached = getattr(scored, task.measure)
    bar = f" (to reach {task.bar:.3f})" if task.bar is not None else ""
    print(f"{name}: {task.measure} {reached:.3f}{bar}, {scored.cases} abstracts")
    if short:
        return
    for score in scored.scores:
        print(
            f"    {score.value:40} n {score.support:4}  P {score.precision:.2f}  "
            f"R {score.recall:.2f}  F1 {score.f1:.2f}"
        )
    wrong = [(pair, n) for pair, n in scored.confusion.most_common() if pair[0] != pair[1]]
    for (true, said), count in wrong[:10]:
        print(f"      {count:4} x {true} taken for {said}")


def _print_errors(results: tuple[tuple[Case, frozenset[str], frozenset[str]], ...]) -> None:
    for case, true, said in results:
        if true != said:
            print(f"\n--- {case.id}: true {sorted(true)}, said {sorted(said)}")
            print(case.article.title.plain)
            print(case.article.abstract_text)


if __name__ == "__main__":
    main()
