"""Judges what PostgreSQL did for a statement: its executed plan, and the rules that no plan of this project may break.

A rule measures rows, not the shape of a plan: a Sort, a Filter or a loop over little is fine, however large the tables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from psycopg import ClientCursor
from psycopg.adapt import PyFormat, Transformer

EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
STATEMENT = re.compile(r"[\s(]*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"(?<!%)%(?:\((\w+)\))?s")
BIG_TABLE = 1000
WASTE = 10
# Below it nothing is waste: reading two hundred rows costs less than the round trip that asks for them.
FEW = 200
BUFFERS = 600
# A row costs its page, and the way down every index of its table.
BUFFERS_FOR_A_WRITTEN_ROW = 20

type Plan = dict[str, Any]


def can_explain(sql: str) -> bool:
    """Everything but transaction control and the like."""
    return bool(STATEMENT.match(sql))


def explain(sql: str, params: Any, connection) -> Plan:
    """The top node of the plan of a statement that really ran: it raises as the statement would, and all it changed is
    undone."""
    if not can_explain(sql):
        raise ValueError(f"No plan: {sql[:60]!r}")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(EXPLAIN + sql, params)
        plan = cursor.fetchone()[0][0]["Plan"]
        transaction.set_rollback(True, using=connection.alias)
    return plan


def explain_prepared(sql: str, params: Any, connection) -> Plan:
    """The plan that a prepared statement has when PostgreSQL keeps one for all values, run with these."""
    numbered, values = with_numbers(sql, params)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE judged{listed(type_names(values, cursor.connection))} AS {numbered}")
        given = ClientCursor(cursor.connection).mogrify(listed(["%s"] * len(values)), values)
        cursor.execute(f"{EXPLAIN} EXECUTE judged{given}")
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("DEALLOCATE judged")
        transaction.set_rollback(True, using=connection.alias)
    return plan


def type_names(values: list, connection) -> list[str]:
    """As what psycopg sends each of them."""
    dumpers = Transformer(connection)
    oids = [0 if value is None else dumpers.get_dumper(value, PyFormat.AUTO).oid for value in values]
    return [connection.adapters.types[oid].name if oid else "unknown" for oid in oids]


def listed(parts: list[str]) -> str:
    return f"({', '.join(parts)})" if parts else ""


def with_numbers(sql: str, params: Any) -> tuple[str, list]:
    """A statement with $1, $2 ... for psycopg's placeholders, and its values in their order."""
    names = PLACEHOLDER.findall(sql)
    distinct = list(dict.fromkeys(name for name in names if name)) or list(range(len(names)))
    values = [params[key] for key in distinct] if params else []
    numbers = iter(range(1, len(names) + 1))
    numbered = PLACEHOLDER.sub(lambda found: f"${distinct.index(found[1]) + 1 if found[1] else next(numbers)}", sql)
    return numbered.replace("%%", "%"), values


def table_sizes(connection) -> dict[str, int]:
    """Rows by table, as of the last ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = current_schema::regnamespace"
        )
        return dict(cursor.fetchall())


def violations(plan: Plan, tables: dict[str, int], *, buffers: int = BUFFERS) -> list[str]:
    """A sentence for every rule that the plan breaks. `tables` gives their rows; rows written add to `buffers`."""
    found = [rule(node, tables) for node in executed(plan) for rule in RULES]
    return [sentence for sentence in (*found, touches_too_much(plan, buffers)) if sentence]


@dataclass(slots=True)
class Node:
    """One step of a plan. PostgreSQL prints averages per loop, and per parallel worker; these are totals."""

    facts: Plan
    limit: "Node | None"

    @property
    def kind(self) -> str:
        return self.facts["Node Type"]

    @property
    def table(self) -> str:
        return self.facts.get("Relation Name", "")

    @property
    def loops(self) -> int:
        return self.facts["Actual Loops"]

    @property
    def rows(self) -> int:
        return round(self.facts["Actual Rows"] * self.loops)

    @property
    def removed(self) -> int:
        """Inexact over many loops: PostgreSQL rounds this average."""
        averages = (value for name, value in self.facts.items() if name.startswith("Rows Removed by "))
        return round(sum(averages) * self.loops)

    @property
    def input(self) -> int:
        inputs = (Node(child, None) for child in children(self.facts) if child["Parent Relationship"] == "Outer")
        return sum(child.rows for child in inputs)

    @property
    def buffers(self) -> int:
        return self.facts["Shared Hit Blocks"] + self.facts["Shared Read Blocks"]

    def __str__(self) -> str:
        return label(self.facts)


def executed(facts: Plan, limit: Node | None = None) -> Iterator[Node]:
    """The node and all below it, without those that never ran; each knows the nearest Limit above it."""
    node = Node(facts, limit)
    if node.loops:
        yield node
    for child in children(facts):
        yield from executed(child, node if node.kind == "Limit" else limit)


def children(facts: Plan) -> list[Plan]:
    return facts.get("Plans", [])


def reads_whole_table(node: Node, tables: dict[str, int]) -> str | None:
    size = tables.get(node.table, 0)
    if node.kind != "Seq Scan" or size <= BIG_TABLE:
        return None
    read = node.rows + node.removed
    return f"{node} reads the table of {size:,} rows without an index: {read:,} rows{conditions(node)}."


def reads_whole_index(node: Node, tables: dict[str, int]) -> str | None:
    """A Seq Scan in disguise. Under a Limit the same node may stop after a page, and is fine."""
    read = node.rows + node.removed
    if node.kind not in ("Index Scan", "Index Only Scan") or "Index Cond" in node.facts or read <= BIG_TABLE:
        return None
    return f"{node} walks the index without a condition: {read:,} rows{conditions(node)}."


def sorts_too_much(node: Node, tables: dict[str, int]) -> str | None:
    if node.limit is None or node.kind not in ("Sort", "Incremental Sort"):
        return None
    if node.input <= max(WASTE * node.rows, FEW * node.limit.loops):
        return None
    return f"{node} under a Limit reads {node.input:,} rows to give {node.rows:,}{conditions(node)}."


def throws_away(node: Node, tables: dict[str, int]) -> str | None:
    if node.removed <= max(WASTE * node.rows, FEW):
        return None
    return f"{node} throws {node.removed:,} rows away to keep {node.rows:,}{conditions(node)}."


RULES = (reads_whole_table, reads_whole_index, sorts_too_much, throws_away)


def touches_too_much(plan: Plan, allowed: int) -> str | None:
    top, *rest = nodes = list(executed(plan))
    total = top.buffers + sum(node.buffers for node in rest if runs_by_itself(node, plan))
    allowed += BUFFERS_FOR_A_WRITTEN_ROW * sum(node.input for node in nodes if node.kind == "ModifyTable")
    if total <= allowed:
        return None
    worst = max(nodes, key=own_buffers)
    return f"The statement touches {total:,} buffers, more than {allowed:,}; {own_buffers(worst):,} of them in {worst}."


def runs_by_itself(node: Node, plan: Plan) -> bool:
    """Whether this is a WITH that writes and whose rows nobody reads: it runs after the top node, which does not count
    its buffers."""
    name = node.facts.get("Subplan Name", "")
    readers = (f"CTE {other.facts.get('CTE Name')}" for other in executed(plan) if other.kind == "CTE Scan")
    return node.kind == "ModifyTable" and name.startswith("CTE ") and name not in readers


def own_buffers(node: Node) -> int:
    """Without those of the nodes below it. A CTE Scan counts its WITH, which is elsewhere in the tree."""
    below = sum(Node(child, None).buffers for child in children(node.facts))
    return 0 if node.kind == "CTE Scan" else max(0, node.buffers - below)


CONDITIONS = (
    *("Index Cond", "Recheck Cond", "Order By", "Filter", "One-Time Filter", "Join Filter", "Hash Cond", "Merge Cond"),
    *("Sort Key", "Presorted Key", "Group Key", "Cache Key", "Conflict Resolution", "Conflict Arbiter Indexes"),
)
NUMBERS = (
    *("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter", "Heap Fetches"),
    *("Lossy Heap Blocks", "Tuples Inserted", "Conflicting Tuples", "Workers Launched", "Index Searches"),
)


def conditions(node: Node) -> str:
    wanted = ("Filter", "Join Filter", "Recheck Cond", "Sort Key")
    return "".join(f"; {name} {words(node.facts[name])}" for name in wanted if name in node.facts)


def tree(plan: Plan, depth: int = 0) -> str:
    """The plan as text: a line of totals for each node, and below it its conditions, and numbers for one loop."""
    node = Node(plan, None)
    ran = f"rows {node.rows:,}, loops {node.loops:,}, buffers {node.buffers:,}" if node.loops else "never executed"
    name = f"{plan['Subplan Name']}: " if "Subplan Name" in plan else ""
    details = [f"{fact}: {words(plan[fact])}" for fact in CONDITIONS if fact in plan]
    details += [f"{fact}: {plan[fact]:,}" for fact in NUMBERS if plan.get(fact)]
    lines = [f"{name}{node}  ({ran})", *(f"    {detail}" for detail in details)]
    below = [tree(child, depth + 1) for child in children(plan)]
    return "\n".join([*("  " * depth + line for line in lines), *below])


def label(plan: Plan) -> str:
    kind = f"Parallel {plan['Node Type']}" if plan.get("Parallel Aware") else plan["Node Type"]
    kind = " ".join(filter(None, [plan.get("Operation") if kind == "ModifyTable" else "", kind]))
    index = f" using {plan['Index Name']}" if "Index Name" in plan else ""
    target = plan.get("Relation Name") or plan.get("CTE Name")
    return f"{kind}{index} on {target}" if target else kind + index


def words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
