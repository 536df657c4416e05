const one = (keys: string): string => `schedules:\n  a:\n    cron: 30 2 * * *\n    job: x\n${keys}`

/** Policies that the reader and the JSON Schema both take. */
export const VALID_POLICIES: Readonly<Record<string, string>> = {
  'every policy': `schedules:
  billing:
    cron: 30 2 * * *
    tz: Europe/Berlin
    job: bill
    missed: { policy: all, max: 20, within: 6h }
    overlap: queue-one
    dst: { gap: skip, overlap: both }
    spread: 10m
    deadline: 5m
    starts: 2026-12-01
    ends: 2026-12-31
    limit: 10
    priority: 3
    tags: [billing, nightly]
    owner: team-money
    runbook: https://wiki.example.com/billing
    retry: { attempts: 5, backoff: { kind: exponential, first: 30s, factor: 3 } }
    timeout: 20m
    expiresIn: 1h
    was: nightly-billing
    lateness: { p99: 2s }
`,
  'policies of a file': `defaults:
  missed: skip
  overlap: skip
  dst: { gap: skip }
  spread: 1m
  deadline: 1h
  exclude: []
  priority: 9
  tags: mail
  owner: team-mail
  runbook: docs/runbooks/mail.md
  retry: 3
  timeout: 1m
  expiresIn: 1d
  lateness: { p99: 500ms }
schedules:
  a: { cron: 30 2 * * *, job: x }
  b: { every: 15m, job: x, spread: 0s, missed: { policy: once, within: 2h } }
  c: { manual: true, job: x, overlap: skip }
`,
  'an interval from a time': one('').replace('cron: 30 2 * * *', "every: 20h\n    starts: '2026-12-01T09:00:00+01:00'"),
  'retries spaced evenly': one(`    retry: { backoff: { kind: fixed, wait: 1m } }\n`),
  'the usual retries': one(`    retry: { backoff: polynomial, jitter: 0.5 }\n`),
}

type Refused = Readonly<Record<string, { readonly text: string; readonly says: RegExp }>>

/** Policies that both refuse; `says` is what the reader says. */
export const INVALID_POLICIES: Refused = {
  'a misspelt missed policy': {
    text: one(`    missed: onec\n`),
    says: /f\.yml:5:13: a\.missed: expected skip, once, all or \{ policy: all.*, got "onec"; did you mean once\?/,
  },
  'a misspelt policy key': { text: one(`    overlaps: skip\n`), says: /f\.yml:5:5: a: .*did you mean overlap\?/ },
  "another system's key": { text: one(`    catchup: true\n`), says: /unknown key "catchup", did you mean missed\?/ },
  'max beside once': {
    text: one(`    missed: { policy: once, max: 5 }\n`),
    says: /f\.yml:5:29: a\.missed\.max: expected only beside policy: all, got it beside once/,
  },
  'within beside skip': {
    text: one(`    missed: { policy: skip, within: 1h }\n`),
    says: /a\.missed\.within: .*skip runs none/,
  },
  'missed without a policy': { text: one(`    missed: { max: 5 }\n`), says: /a\.missed: expected policy, got none/ },
  'max 0': { text: one(`    missed: { policy: all, max: 0 }\n`), says: /from 1 to 10000, got 0/ },
  'a list of policies': { text: one(`    missed: [all]\n`), says: /a\.missed: expected skip, once, all.*got a list/ },
  'an unknown overlap': {
    text: one(`    overlap: queue\n`),
    says: /expected allow, skip, queue-one, cancel-previous, got "queue"/,
  },
  'a dst that is none': {
    text: one(`    dst: { gap: fire }\n`),
    says: /f\.yml:5:17: a\.dst\.gap: expected run, skip, got "fire"/,
  },
  'a dst in one word': {
    text: one(`    dst: skip\n`),
    says: /a\.dst: expected a map such as \{ gap: skip, overlap: both \}/,
  },
  'a number for a spread': { text: one(`    spread: 10\n`), says: /f\.yml:5:13: a: spread: .*say '10s'/ },
  'nothing for a deadline': { text: one(`    deadline:\n`), says: /a\.deadline: expected a duration .*got nothing/ },
  'a start that is no time': {
    text: one(`    starts: tomorrow\n`),
    says: /f\.yml:5:13: a\.starts: expected a date such as '2026-12-01'/,
  },
  'limit 0': {
    text: one(`    limit: 0\n`),
    says: /f\.yml:5:12: a\.limit: expected a whole number from 1 to 1000000000, got 0/,
  },
  'priority 10': { text: one(`    priority: 10\n`), says: /from 0 to 9, got 10/ },
  'a tag with a space': { text: one(`    tags: [a b]\n`), says: /a: tags: a key must be/ },
  'no owner': { text: one(`    owner: ''\n`), says: /a\.owner: expected the name of a person or a team/ },
  'no attempts': { text: one(`    retry: 0\n`), says: /a\.retry: expected a whole number from 1 to 1000, got 0/ },
  'a retry that cannot be meant': {
    text: one(`    retry: { attempts: 5, backoff: { kind: fixed, wait: 5 }, jiter: 1 }\n`),
    says: /f\.yml:5:57: a: retry\.backoff\.wait: .*say '5s'/,
  },
  'a former name that is none': { text: one(`    was: 'a b'\n`), says: /was: a schedule name must be/ },
  'lateness without p99': { text: one(`    lateness: {}\n`), says: /a\.lateness: expected p99, got none/ },
  'a budget of another kind': { text: one(`    lateness: { p95: 2s, p99: 1s }\n`), says: /unknown key "p95"/ },
  'a start in defaults': {
    text: `defaults:\n  starts: 2026-12-01\nschedules: {}\n`,
    says: /f\.yml:2:3: defaults: unknown key "starts"/,
  },
}

/** Policies that only the reader can refuse: their fault is in what they mean. */
export const MEANINGLESS_POLICIES: Refused = {
  'a negative spread': { text: one(`    spread: -5m\n`), says: /a: spread: expected no negative duration, got "-5m"/ },
  'a deadline below a second': {
    text: one(`    deadline: 500ms\n`),
    says: /f\.yml:5:15: a\.deadline: expected at least 1 s, got "500ms"/,
  },
  'ends before starts': {
    text: one(`    starts: 2026-12-02\n    ends: 2026-12-01\n`),
    says: /f\.yml:6:11: a\.ends: expected a time after starts, got "2026-12-02T00:00:00\+00:00 to 2026-12-01T23:59:59\.999\+00:00"/,
  },
  'no tick between starts and ends': {
    text: one(`    starts: '2026-12-01T03:00'\n    ends: '2026-12-02T02:00'\n`),
    says: /f\.yml:5:13: a\.starts: expected a tick between starts and ends, got none: the first one after starts is at 2026-12-02T02:30:00\+00:00/,
  },
  'a day that no calendar has': {
    text: one(`    ends: 2026-02-30\n`),
    says: /a\.ends: .*the calendar has no such day/,
  },
  'dst beside every': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    dst: { gap: skip }\n`,
    says: /f\.yml:5:5: a\.dst: expected only beside cron: every is elapsed time/,
  },
  'dst beside a rhythmic pattern': {
    text: `schedules:\n  a:\n    cron: '*/10 * * * *'\n    job: x\n    dst: { gap: skip }\n`,
    says: /f\.yml:5:5: a: dst: expected only beside a wall-clock pattern/,
  },
  'ticks of a button': {
    text: `schedules:\n  a:\n    manual: true\n    job: x\n    missed: all\n    ends: 2026-12-01\n`,
    says: /f\.yml:5:5: a\.missed: expected only beside cron or every: a manual schedule has no ticks[\s\S]*f\.yml:6:5: a\.ends/,
  },
  'a script for a runbook': {
    text: one(`    runbook: 'javascript:alert(1)'\n`),
    says: /a\.runbook: expected an http\(s\) URL/,
  },
  'a runbook on another host': {
    text: one(`    runbook: //evil.example/x\n`),
    says: /a\.runbook: expected an http\(s\) URL/,
  },
  'its own name for the former one': {
    text: one(`    was: a\n`),
    says: /f\.yml:5:10: a\.was: expected another name than its own/,
  },
  'an unknown calendar': {
    text: one(`    exclude: holidays\n`),
    says: /f\.yml:5:14: a\.exclude: expected a calendar that is declared, got "holidays"; declare it/,
  },
  'a key twice': {
    text: one(`    job: y\n`),
    says: /f\.yml:5:5: expected each key once, got "job" again, after line 4/,
  },
  'a calendar among the schedules': {
    text: `calendars: {}\nschedules: {}\n`,
    says: /calendars stand in files of their own/,
  },
}
