"""The figures as a table, and as JSON for those who compare runs."""

from __future__ import annotations

from typing import Any

#: Ratio to the floor that must be reached (PERFORMANCE.md §4).
GOALS = {
    "a_list": 0.9, "c_filter": 1.2, "c_custom": 1.2, "d_search": 0.6, "d_global": 0.8, "e_open": 1.4, "f_create": 1.6,
    "g_update": 1.2, "h_board": 0.35, "j_sums": 0.6,
}  # fmt: skip
#: The floor has nothing like it: compared with this operation of the floor instead.
BESIDE = {"c_custom": "c_filter", "d_global": "d_search"}
DEEP_GOAL = 1.2


def ratios(figures: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Per operation its ratio to the floor (b: to the product's own page 1), the goal and whether it is met."""
    found: dict[str, dict[str, Any]] = {}
    product, floor = figures["product"], figures["floor"]
    for name, goal in {**GOALS, "b_deep": DEEP_GOAL}.items():
        base = product.get("a_list") if name == "b_deep" else floor.get(BESIDE.get(name, name))
        if name in product and base and base["cpu_ms"]:
            ratio = round(product[name]["cpu_ms"] / base["cpu_ms"], 2)
            found[name] = {"ratio": ratio, "goal": goal, "met": ratio <= goal}
    return dict(sorted(found.items()))


def table(result: dict[str, Any]) -> str:
    """CPU milliseconds per operation of application and database, ratio to the floor, statements and bytes."""
    figures, found = result["figures"], result["ratios"]
    lines = [
        "| op | raw | floor | product | p95 wall | ratio | goal | | statements (floor) | bytes (floor) |",
        "|" + "---|" * 10,
    ]
    for name, own in figures["product"].items():
        raw, floor = (figures[side].get(name, {}) for side in ("raw", "floor"))
        ratio = found.get(name)
        verdict = "" if ratio is None else "met" if ratio["met"] else "**missed**"
        lines.append(
            f"| {name} | {raw.get('cpu_ms', '-')} | {floor.get('cpu_ms', '-')} | {own['cpu_ms']} |"
            f" {own['p95_ms']} | {ratio['ratio'] if ratio else '-'} | {ratio['goal'] if ratio else '-'} | {verdict} |"
            f" {own['statements']} ({floor.get('statements', '-')}) | {own['bytes']} ({floor.get('bytes', '-')}) |"
        )
    return "\n".join(lines)
