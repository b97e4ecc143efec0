"""What must be true of jobs and money at every commit, each as a query that finds the rows which break it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from generations.accounts import audit
from generations.health import checks
from generations.jobs import events

ROWS_SHOWN = 20
SOON = dt.timedelta(minutes=10, seconds=30)


@dataclass(frozen=True, slots=True)
class Violation:
    name: str
    rule: str
    rows: tuple[tuple[object, ...], ...]


# name -> (rule, query). A query gives no row while its rule holds. `?soon` stands for ten minutes from now.
CHECKS: dict[str, tuple[str, str]] = {
    "I1 limits": (
        "held and spent are not negative and stay within the limit",
        """SELECT id, held_micros, spent_micros, limit_micros FROM generations_budgetmonth
           WHERE held_micros < 0 OR spent_micros < 0 OR overrun_micros < 0
              OR held_micros + spent_micros > limit_micros""",
    ),
    "I2 held": (
        "a month's held figure is the sum of its open holds",
        """SELECT m.id, m.held_micros, COALESCE(SUM(h.amount_micros), 0) FROM generations_budgetmonth m
           JOIN generations_budget b ON b.id = m.budget_id
           LEFT JOIN generations_hold h ON h.state = 'open' AND h.month = m.month AND h.currency = b.currency
                AND (b.scope = 'studio' OR b.project_id = h.project_id OR b.user_id = h.user_id)
           GROUP BY m.id, m.held_micros HAVING m.held_micros <> COALESCE(SUM(h.amount_micros), 0)""",
    ),
    "I2 spent": (
        "a month's spent and overrun figures are the sums of their entries",
        """SELECT m.id, m.spent_micros, m.overrun_micros FROM generations_budgetmonth m
           JOIN generations_budget b ON b.id = m.budget_id
           LEFT JOIN generations_hold h ON h.month = m.month AND h.currency = b.currency
                AND (b.scope = 'studio' OR b.project_id = h.project_id OR b.user_id = h.user_id)
           LEFT JOIN generations_entry e ON e.hold_id = h.id AND e.kind IN ('charge', 'excess', 'overrun')
           GROUP BY m.id, b.id
           HAVING m.spent_micros <> COALESCE(SUM(CASE WHEN e.kind <> 'overrun' THEN e.amount_micros END), 0)
                  + COALESCE((SELECT SUM(CASE x.kind WHEN 'refund' THEN -x.amount_micros WHEN 'overrun' THEN 0
                                         ELSE x.amount_micros END)
                              FROM generations_adjustment a JOIN generations_entry x ON x.adjustment_id = a.id
                              WHERE a.month = m.month AND a.currency = b.currency
                                AND (b.scope = 'studio' OR b.project_id = a.project_id OR b.user_id = a.user_id)), 0)
               OR m.overrun_micros <> COALESCE(SUM(CASE WHEN e.kind = 'overrun' THEN e.amount_micros END), 0)
                  + COALESCE((SELECT SUM(x.amount_micros)
                              FROM generations_adjustment a JOIN generations_entry x ON x.adjustment_id = a.id
                              WHERE x.kind = 'overrun' AND a.month = m.month AND a.currency = b.currency
                                AND (b.scope = 'studio' OR b.project_id = a.project_id OR b.user_id = a.user_id)
                              ), 0)""",
    ),
    "I3 one settlement": (
        "a hold has one hold entry and at most one settlement, and its state says which",
        """SELECT h.id, h.state FROM generations_hold h LEFT JOIN generations_entry e ON e.hold_id = h.id
           GROUP BY h.id, h.state
           HAVING SUM(CASE WHEN e.kind = 'hold' THEN 1 ELSE 0 END) <> 1
               OR SUM(CASE WHEN e.kind = 'charge' THEN 1 ELSE 0 END) <> CASE h.state WHEN 'charged' THEN 1 ELSE 0 END
               OR SUM(CASE WHEN e.kind = 'release' THEN 1 ELSE 0 END)
                  <> CASE h.state WHEN 'released' THEN 1 ELSE 0 END""",
    ),
    "I3 owned holds": (
        "every hold is an attempt's or a proposal's, so that somebody will settle it",
        """SELECT h.id, h.state FROM generations_hold h
           WHERE NOT EXISTS (SELECT 1 FROM generations_attempt a WHERE a.hold_id = h.id)
             AND NOT EXISTS (SELECT 1 FROM generations_proposal p WHERE p.hold_id = h.id)""",
    ),
    "I4 state and money": (
        "paid jobs are charged, lost ones released, and all others held",
        """SELECT j.id, j.state, h.state FROM generations_job j
           JOIN generations_attempt a ON a.job_id = j.id AND a.number =
                (SELECT MAX(number) FROM generations_attempt WHERE job_id = j.id)
           JOIN generations_hold h ON h.id = a.hold_id
           WHERE h.state <> CASE WHEN j.state IN ('fetching', 'succeeded') THEN 'charged'
                                 WHEN j.state IN ('failed', 'cancelled') THEN 'released' ELSE 'open' END""",
    ),
    "I4 words and money": (
        "proposals that came are charged, those that did not are released, and all others held",
        """SELECT p.id, p.state, h.state FROM generations_proposal p JOIN generations_hold h ON h.id = p.hold_id
           WHERE h.state <> CASE WHEN p.state IN ('ready', 'ended') THEN 'charged'
                                 WHEN p.state = 'failed' THEN 'released' ELSE 'open' END""",
    ),
    "I5 charged": (
        "what a hold was charged is the sum of its charge entries",
        """SELECT h.id, h.charged_micros FROM generations_hold h JOIN generations_entry e ON e.hold_id = h.id
           WHERE h.state = 'charged' AND e.kind IN ('charge', 'excess', 'overrun')
           GROUP BY h.id, h.charged_micros HAVING h.charged_micros <> SUM(e.amount_micros)""",
    ),
    "I5 days": (
        "what the spend pages sum up is what the entries say",
        """SELECT currency, project_id, user_id, model, resolution, SUM(micros) FROM (
             SELECT h.currency, h.project_id, h.user_id, h.model, h.resolution, e.amount_micros AS micros
             FROM generations_entry e JOIN generations_hold h ON h.id = e.hold_id
             WHERE e.kind IN ('charge', 'excess', 'overrun')
             UNION ALL
             SELECT a.currency, a.project_id, a.user_id, a.model, a.resolution,
                    CASE e.kind WHEN 'refund' THEN -e.amount_micros ELSE e.amount_micros END
             FROM generations_entry e JOIN generations_adjustment a ON a.id = e.adjustment_id
             UNION ALL
             SELECT currency, project_id, user_id, model, resolution, -spent_micros - overrun_micros
             FROM generations_spendday) both_sides
           GROUP BY currency, project_id, user_id, model, resolution HAVING SUM(micros) <> 0""",
    ),
    "I6 currencies": (
        "an entry moves one currency inside one project",
        """SELECT e.id FROM generations_entry e JOIN generations_hold h ON h.id = e.hold_id
           JOIN generations_account s ON s.id = e.source_id JOIN generations_account t ON t.id = e.target_id
           WHERE e.currency <> h.currency OR s.currency <> e.currency OR t.currency <> e.currency
              OR s.project_id <> h.project_id OR t.project_id <> h.project_id""",
    ),
    "I15 by hand": (
        "a posted adjustment has one entry of its amount, in its project and currency, no other has any",
        """SELECT a.id, a.state FROM generations_adjustment a
           LEFT JOIN generations_entry e ON e.adjustment_id = a.id
           LEFT JOIN generations_account s ON s.id = e.source_id LEFT JOIN generations_account t ON t.id = e.target_id
           WHERE (a.state = 'posted') <> (e.id IS NOT NULL)
              OR e.amount_micros <> a.amount_micros OR e.currency <> a.currency
              OR (e.kind = 'refund') <> a.is_refund OR e.kind NOT IN ('refund', 'surcharge', 'overrun')
              OR s.project_id <> a.project_id OR t.project_id <> a.project_id OR t.currency <> a.currency""",
    ),
    "I8 task bound": (
        "a job that runs, fetches or succeeded has the relay's task",
        """SELECT j.id, j.state FROM generations_job j WHERE j.state IN ('running', 'fetching', 'succeeded')
           AND j.kind <> 'image' AND NOT EXISTS (SELECT 1 FROM generations_attempt a
                           WHERE a.job_id = j.id AND a.relay_task_id IS NOT NULL)""",
    ),
    "I8 images answered": (
        "images never run as a task; what is paid of them was answered, with an output for each image",
        """SELECT j.id, j.state FROM generations_job j WHERE j.kind = 'image' AND (j.state = 'running'
             OR EXISTS (SELECT 1 FROM generations_attempt a WHERE a.job_id = j.id AND a.relay_task_id IS NOT NULL)
             OR (j.state IN ('fetching', 'succeeded') AND NOT EXISTS (SELECT 1 FROM generations_attempt a
                 WHERE a.job_id = j.id AND a.superseded_at IS NULL AND a.answered_at IS NOT NULL)))""",
    ),
    "I9 final states absorb": (
        "nothing moves a job out of a final state",
        """SELECT id, old_state, new_state FROM generations_jobevent
           WHERE name = 'state' AND old_state IN ('succeeded', 'failed', 'cancelled')""",
    ),
    "I10 bytes or a reason": (
        "a succeeded job has its bytes, or says why not",
        """SELECT j.id FROM generations_job j WHERE j.state = 'succeeded' AND NOT EXISTS
           (SELECT 1 FROM generations_output o
            WHERE o.job_id = j.id AND (o.media_id IS NOT NULL OR o.archive_reason <> ''))""",
    ),
    "I10 every image": (
        "each image of a succeeded job's newest attempt has its bytes, or says why not",
        """SELECT j.id, o.id FROM generations_job j JOIN generations_output o ON o.job_id = j.id
           WHERE j.kind = 'image' AND j.state = 'succeeded' AND o.media_id IS NULL AND o.archive_reason = ''
             AND o.position / 100 = (SELECT MAX(number) FROM generations_attempt WHERE job_id = j.id)""",
    ),
    "I12 somebody looks": (
        "every unfinished job is looked at within ten minutes, or has a human owner",
        """SELECT id, state, next_action_at FROM generations_job
           WHERE state NOT IN ('succeeded', 'failed', 'cancelled', 'unknown', 'awaiting_approval')
             AND (next_action_at IS NULL OR next_action_at > ?soon)""",
    ),
    "I13 no send after a cancel": (
        "a job whose cancel was asked for is not sent, unless a person sends it again",
        """SELECT s.job_id, s.id FROM generations_jobevent s JOIN generations_jobevent c
             ON c.job_id = s.job_id AND c.id < s.id AND (c.name = 'cancel_requested' OR c.new_state = 'cancelled')
           WHERE s.name = 'state' AND s.new_state = 'sending' AND NOT EXISTS
           (SELECT 1 FROM generations_jobevent r WHERE r.job_id = s.job_id AND r.id > c.id AND r.id < s.id
                   AND r.old_state = 'unknown' AND r.new_state = 'queued')""",
    ),
    "I14 events": (
        "each job's events form one chain that ends in its state",
        """SELECT j.id, j.state, COUNT(e.id) FROM generations_job j
           LEFT JOIN generations_jobevent e ON e.job_id = j.id AND e.name = 'state'
           GROUP BY j.id, j.state
           HAVING COUNT(e.id) = 0 OR SUM(CASE WHEN e.old_state = '' THEN 1 ELSE 0 END) <> 1
               OR SUM(CASE WHEN e.new_state = j.state THEN 1 ELSE 0 END)
                  - SUM(CASE WHEN e.old_state = j.state THEN 1 ELSE 0 END) <> 1""",
    ),
    "I14 links": (
        "each event carries the hash of the one before it, and its job that of the last",
        """SELECT id, job_id FROM (SELECT id, job_id, previous_hash,
                  LAG(hash, 1, '') OVER (PARTITION BY job_id ORDER BY id) AS hash_before FROM generations_jobevent) e
           WHERE previous_hash <> hash_before
           UNION ALL
           SELECT 0, j.id FROM generations_job j WHERE j.last_event_hash <> COALESCE(
                  (SELECT hash FROM generations_jobevent WHERE job_id = j.id ORDER BY id DESC LIMIT 1), '')""",
    ),
    "I7 approved attempts": (
        "every attempt but the newest of a job was superseded by a person, and has its own hold",
        """SELECT a.id, a.job_id FROM generations_attempt a WHERE (a.superseded_at IS NULL) <>
                  (a.number = (SELECT MAX(number) FROM generations_attempt WHERE job_id = a.job_id))""",
    ),
}


RULES = len(CHECKS) + 2  # the seals of the events, and the audit log


def run(now: dt.datetime) -> list[Violation]:
    """Every check, the seals of events and audit log among them; what was found is kept for /healthz and the admins."""
    found = violations(now)
    if changed := events.altered(ROWS_SHOWN):
        found.append(Violation("I14 seals", "an event says what it was sealed with", tuple(changed)))
    if cut := audit.broken(ROWS_SHOWN):
        found.append(
            Violation("I14 audit", "the audit log says what it was sealed with, event after event", tuple(cut))
        )
    lines = [f"{violation.name}: {violation.rule} ({len(violation.rows)} rows)" for violation in found]
    checks.record("invariants", lines, now, f"{RULES} rules")
    return found


def violations(now: dt.datetime) -> list[Violation]:
    """Every rule that does not hold just now, with the first rows that break it."""
    return [Violation(name, rule, rows) for name, (rule, query) in CHECKS.items() if (rows := _rows(query, now))]


def _rows(query: str, now: dt.datetime) -> tuple[tuple[object, ...], ...]:
    soon = now + SOON
    values = [soon] if "?soon" in query else []
    with connection.cursor() as cursor:
        cursor.execute(query.replace("?soon", "%s"), values)
        return tuple(cursor.fetchmany(ROWS_SHOWN))
