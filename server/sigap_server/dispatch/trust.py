"""How far an alert is trusted, and why: it decides who says that somebody is sent, never whether."""

from collections import Counter
from collections.abc import Collection

from sigap_server.dispatch.events import AlertEvent, Source, Verdict
from sigap_server.dispatch.policy import Tier, TrustRules

_TIERS = (Tier.LOW, Tier.MEDIUM, Tier.HIGH)


def assess(alerts: Collection[AlertEvent], verdict: Verdict | None, rules: TrustRules) -> tuple[Tier, tuple[str, ...]]:
    """The tier of an incident with these alerts, and the reasons in words. An unknown caller alone is MEDIUM."""
    if verdict is Verdict.REAL:
        return Tier.HIGH, ("an operator found it real",)
    if verdict is Verdict.FALSE:
        return Tier.LOW, ("an operator found it false",)
    if any(alert.source is Source.OFFICER for alert in alerts):
        return Tier.HIGH, ("an officer's own emergency",)
    if any(alert.source is Source.OPERATOR for alert in alerts):
        return Tier.HIGH, ("an operator took the call",)
    found = [*_history(alerts, rules), *_evidence(alerts, rules)]
    level = 1 + sum(step for step, _ in found)
    return _TIERS[max(0, min(2, level))], tuple(words for _, words in found)


def _history(alerts: Collection[AlertEvent], rules: TrustRules) -> list[tuple[int, str]]:
    """What became of earlier alerts of these callers; one trusted caller outweighs all others."""
    known = max(alerts, key=lambda alert: alert.caller_real - alert.caller_false)
    if known.caller_real >= rules.real_min and known.caller_real > known.caller_false:
        return [(1, f"caller had {_alerts(known.caller_real)} that were real")]
    if known.caller_false >= rules.false_min and known.caller_false > known.caller_real:
        return [(-1, f"caller had {_alerts(known.caller_false)} that were false")]
    return []


def _evidence(alerts: Collection[AlertEvent], rules: TrustRules) -> list[tuple[int, str]]:
    """Pressing again and again, and others who report the same, each weigh one tier."""
    presses: Counter[str] = Counter()
    for alert in alerts:
        presses[alert.device or alert.alert_id] += alert.presses
    found = []
    most = max(presses.values())
    if most >= rules.presses_min:
        found.append((1, f"pressed {most} times"))
    if len(presses) > 1:
        found.append((1, f"reported by {len(presses)} callers"))
    return found


def _alerts(number: int) -> str:
    return "an earlier alert" if number == 1 else f"{number} earlier alerts"
