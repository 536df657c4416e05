import type { Overview } from '../../src/web/overview.ts'

/** A full overview whose every stored text is `text`. */
export function overviewOf(text: string): Overview {
  const now = Date.UTC(2026, 10, 23, 12)
  const totals = { completed: 1, retried: 0, snoozed: 0, discarded: 0, cancelled: 0, lost: 0, fired: 1 }
  const counts = { scheduled: 1, ready: 2, held: 3, active: 4, dead: 1, ended: 6, totals }
  const waiting = [{ queue: text, name: text, count: 3, since: now - 60_000 }]
  const pauses = [
    { queue: text, scope: 'queue' as const, by: text, reason: text, since: now - 60_000, until: now + 60_000 },
  ]
  const behind = [{ queue: text, schedule: text, id: text, since: now - 60_000 }]
  const job = { id: text, name: text, queue: text, at: now + 5_000 }
  return {
    prefix: text,
    now,
    queues: [{ queue: text, ...counts, oldestReadyAt: now - 2_000, waiting, behind, pauses }],
    coming: [
      { kind: 'job', ...job },
      { kind: 'tick', at: now + 60_000, name: text, queue: text, job: text, zone: text, hindrance: 'called-off' },
    ],
    schedules: {
      rows: [
        {
          name: text,
          description: text,
          job: text,
          queue: text,
          when: text,
          sentence: text,
          zone: text,
          state: { kind: 'paused', pause: { since: now, until: null, by: text, reason: text } },
          nextAt: now + 60_000,
          dueAt: now + 61_000,
          hindrance: 'called-off',
          calledOff: { by: text, reason: text },
          fates: [
            { fate: 'missed', first: now - 180_000, last: now - 120_000, count: 2, lateness: 0 },
            { fate: 'late', first: now - 60_000, last: now - 60_000, count: 1, lateness: 12_000 },
          ],
          budget: 2_000,
          made: 3,
        },
        {
          name: `${text}2`,
          description: text,
          job: text,
          queue: text,
          when: text,
          sentence: text,
          zone: text,
          state: { kind: 'on' },
          nextAt: now + 60_000,
          dueAt: now + 61_000,
          hindrance: 'called-off',
          calledOff: { by: text, reason: text },
          fates: [
            { fate: 'missed', first: now - 180_000, last: now - 120_000, count: 2, lateness: 0 },
            { fate: 'late', first: now - 60_000, last: now - 60_000, count: 1, lateness: 12_000 },
          ],
          budget: 2_000,
          made: 3,
        },
      ],
      beyond: 12,
      stored: [],
    },
    processes: [
      {
        id: text,
        roles: [text],
        host: text,
        pid: 12,
        version: text,
        environment: text,
        startedAt: now - 90_000,
        queues: [text],
        names: [text],
        catalogue: {},
        tz: text,
        clockAhead: 0,
        running: 1,
        seenAt: now - 3_000,
      },
    ],
    unserved: [{ text, line: text }],
    dead: [{ ...job, error: text, reason: text }],
    canary: { plannedAt: now - 30_000, completedAt: now - 29_990 },
    zoneMismatch: text,
  }
}

/** Texts that have opened holes in pages. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg/onload=alert(1)>',
  '<!--',
  '$' + '{alert(1)}{{7*7}}',
  'javascript:alert(1)',
  '&lt;script&gt;',
  '`onload=alert(1)`',
  '</p></td></table><h1>x',
  '\u202eevil\u0000\u001b[31m',
  '\ud800',
]
