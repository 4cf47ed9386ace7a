"""report.html: one file that needs nothing else."""

from html import escape
from pathlib import Path
from time import gmtime, strftime
from typing import Any

from locustfiles import charts, counters, curves, rows
from locustfiles.charts import Mark
from locustfiles.checks import GATE, LEVELS, MET, TARGET, Check, shown
from locustfiles.objectives import Objectives
from locustfiles.page_tables import table
from locustfiles.record import Record
from locustfiles.report_table import errors
from locustfiles.samples import by_route
from locustfiles.verdict import Verdict

STYLE = Path(__file__).with_name("report.css")
WIDE, HALF = (1120, 230), (560, 185)
SHOWN_ERRORS, FEWEST_DRAWN = 25, 20
ASKED = ("level", "of", "what", "found", "asked", "state", "")


def page(record: Record, objectives: Objectives, verdict: Verdict) -> str:
    found = rows.of(record, objectives, verdict)
    parts = [
        header(record, verdict),
        figures(record),
        section("Routes", routes_table(found)),
        section("The run", whole_run(record)),
        section("Failures", failures(record)),
        steps(record),
        section("Each route", each_route(found, record, objectives)),
        section("What was asked", asked(verdict)),
        section("Counters of the server in the measured window", counted(record)),
        section("Machine and server", facts(record)),
    ]
    title = f"{escape(objectives.profile)}: {verdict.word}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE.read_text(encoding="utf-8")}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n'


def header(record: Record, verdict: Verdict) -> str:
    when = strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(record.facts["begin"]))
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in verdict.reasons)
    badge = f'<span class="badge {verdict.word.lower()}">{verdict.word}</span>'
    told = ", ".join(f"{key} {value}" for key, value in (record.facts.get("parameters") or {}).items() if value)
    line = f'<p class="quiet">{when} · {escape(told)}</p>' if told else f'<p class="quiet">{when}</p>'
    return f"<header><h1>{escape(record.facts['profile'])} {badge}</h1>{line}<ul>{reasons}</ul></header>"


def figures(record: Record) -> str:
    known = {what: value for what, value in rows.headline(record).items() if value is not None}
    cards = "".join(
        f"<div><b>{escape(str(value))}</b><span>{escape(what)}</span></div>" for what, value in known.items()
    )
    return f'<section class="figures">{cards}</section>'


def section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>" if body else ""


def routes_table(found: list[rows.Row]) -> str:
    names = ("route", "requests", "req/s", "failed", "p50 ms", "p95 ms", "p99 ms", "max", "SQL", "gate", "target")
    lines = [
        [row.route, f"{row.requests:,}", f"{row.rate:.1f}", row.failures or "", *row[5:10], row.gate, row.target]
        for row in found
    ]
    return table(names, lines, styles=["setup" if row.is_setup else "failed" if row.failures else "" for row in found])


def whole_run(record: Record) -> str:
    end, samples = curves.length(record), [sample for sample in record.samples if not sample.is_setup]
    bands = curves.bands(record)
    times = charts.over_time(curves.percentiles(samples), bands=bands, end=end, unit="ms", size=WIDE)
    rates = charts.over_time(curves.rates(record.samples, end), bands=bands, end=end, unit="1/s", size=WIDE)
    legend = key(("p50", "p50"), ("p95", "p95"), ("p99", "p99"))
    return (
        f"<h3>Response times of all routes, ms {legend}</h3>{times}"
        f"<h3>Requests and failures a second {key(('rate', 'requests'), ('failures', 'failures'))}</h3>{rates}"
    )


def key(*entries: tuple[str, str]) -> str:
    return "".join(f'<i class="key {style}"></i><small>{name}</small>' for style, name in entries)


def failures(record: Record) -> str:
    found = errors(record)
    lines = [(count, route, problem) for (route, problem), count in found.most_common(SHOWN_ERRORS)]
    return table(("requests", "route", "what was wrong"), lines) if found else ""


def steps(record: Record) -> str:
    """Of a search for the capacity."""
    found = record.facts.get("steps") or []
    if not found:
        return ""
    names = list(dict.fromkeys(name for step in found for name in step))
    lines = [[told(step.get(name)) for name in names] for step in found]
    return section("Steps", table([name.replace("_", " ") for name in names], lines))


def told(value: Any) -> Any:
    if isinstance(value, dict):
        value = [f"{name} {one}" for name, one in value.items()]
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def each_route(found: list[rows.Row], record: Record, objectives: Objectives) -> str:
    routes = [row for row in found if not row.is_setup]
    drawn = [row for row in routes if row.requests >= FEWEST_DRAWN]
    few = len(routes) - len(drawn)
    more = f"{few} routes with fewer than {FEWEST_DRAWN} requests are in the table only."
    return "".join(route(row, record, objectives) for row in drawn) + (f'<p class="quiet">{more}</p>' if few else "")


def route(row: rows.Row, record: Record, objectives: Objectives) -> str:
    samples, end = by_route(record.samples)[row.route], curves.length(record)
    wanted = objectives.route(row.route)
    limits = [
        Mark(f"{level} {limits['p95_ms']:g}", level, limits["p95_ms"])
        for level, limits in ((GATE, wanted.gate), (TARGET, wanted.target))
        if "p95_ms" in limits
    ]  # fmt: skip
    lines = curves.percentiles(samples, (50, 95))
    left = charts.over_time(lines, bands=curves.bands(record), marks=limits, end=end, unit="ms", size=HALF)
    times = [sample.ms for sample in rows.times_of(row.route, samples, record, objectives)]
    marks = [Mark(f"p50 {row.p50}", "p50", row.p50), Mark(f"p95 {row.p95}", "p95", row.p95), *limits]
    right = charts.distribution(times, marks=marks, size=HALF)
    numbers = f"{row.requests:,} requests · p50 {row.p50} · p95 {row.p95} · p99 {row.p99} · max {row.slowest} ms"
    head = f"<h3>{escape(row.route)} <small>{numbers}</small></h3>"
    return f'<article>{head}<div class="pair">{left}{right}</div></article>'


def asked(verdict: Verdict) -> str:
    """What is not met, and folded, what is."""
    checks = sorted(verdict.checks, key=lambda check: LEVELS.index(check.level))
    met, open_points = ([check for check in checks if (check.state == MET) is word] for word in (True, False))
    folded = f"<details><summary>{len(met)} that were met</summary>{table(ASKED, map(asked_row, met))}</details>"
    return (table(ASKED, map(asked_row, open_points)) if open_points else "") + folded


def asked_row(check: Check) -> list[Any]:
    values = ["" if value is None else shown(value) for value in (check.found, check.limit)]
    return [check.level, check.about, check.what, *values, check.state, check.note]


def counted(record: Record) -> str:
    difference = counters.between(record.facts.get("counters") or {})
    sql = [
        (name, f"{cost.requests:,.0f}", f"{cost.each:.2f}", f"{1000 * cost.seconds / cost.requests:.2f}")
        for name, cost in sorted(counters.sql(difference).items())
    ]
    cache = [(kind, *(f"{value:,.0f}" for value in values)) for kind, values in by_kind(difference).items()]
    if not difference:
        return ""
    return (
        '<div class="pair">'
        + table(("route", "requests", "SQL each", "SQL ms each"), sql)
        + table(("cache entry", *KINDS), cache)
        + "</div>"
    )


KINDS = ("hits", "misses", "fills", "waits", "invalidations")


def by_kind(difference: counters.Counters) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for place, name in enumerate(KINDS):
        for labels, value in counters.of(difference, f"darezone_cache_{name}_total"):
            found.setdefault(labels["kind"], [0.0] * len(KINDS))[place] += value
    return {kind: values for kind, values in sorted(found.items()) if any(values)}


def facts(record: Record) -> str:
    groups = ("machine", "build", "server", "cpu", "health", "parameters")
    lines = [
        (group, key.replace("_", " "), told(value))
        for group in groups
        for key, value in (record.facts.get(group) or {}).items()
    ]
    lines += [("fault", one["name"], seconds(one, record)) for one in record.facts.get("faults") or []]
    return table(("", "fact", ""), lines)


def seconds(fault: dict, record: Record) -> str:
    begin = fault["begin"] - record.facts["begin"]
    if fault.get("end") is None:
        return f"from {begin:.1f} s, not ended"
    return f"from {begin:.1f} to {fault['end'] - record.facts['begin']:.1f} s"
