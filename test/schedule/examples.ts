/** Files that the reader and the JSON Schema both take. */
export const VALID: Readonly<Record<string, string>> = {
  'the smallest schedule': `schedules:\n  nightly:\n    cron: '0 3 * * *'\n    job: clean-up\n`,
  'no schedules at all': `schedules: {}\n`,
  defaults: `defaults:\n  tz: Europe/Berlin\n  queue: mail\n  env: [production, staging]\nschedules:\n  digest:\n    cron: ['0 9 * * 1-5', '0 12 * * 6']\n    job: digest\n    payload: { to: all, list: [1, 2.5, true, null] }\n    description: The daily digest\n    enabled: false\n`,
  'an interval with an offset': `schedules:\n  poll:\n    every: 15m\n    offset: 5m\n    job: poll\n    env: production\n`,
  'a button': `schedules:\n  rebuild:\n    manual: true\n    job: rebuild\n    tz: Asia/Kolkata\n`,
  'a zone in the expression': `schedules:\n  a:b/c@d:\n    cron: 30 6 * * 1 Europe/Stockholm\n    job: x\n`,
  'seconds and H': `schedules:\n  x:\n    cron: "*/5 * * * * *"\n    job: x\n  y: { cron: H H(1-5) * * *, job: y }\n`,
}

/** Files that both refuse; `says` is what the reader's first fault says. */
export const INVALID: Readonly<Record<string, { readonly text: string; readonly says: RegExp }>> = {
  'a misspelt key': {
    text: `schedules:\n  a:\n    cron: 0 3 * * *\n    jbo: x\n    job: x\n`,
    says: /f\.yml:4:5: a: unknown key "jbo", .*did you mean job\?/,
  },
  "resque's key for the job": {
    text: `schedules:\n  a:\n    cron: 0 3 * * *\n    class: X\n    job: x\n`,
    says: /did you mean job\?/,
  },
  "resque's file": {
    text: `nightly:\n  cron: 0 3 * * *\n  job: x\n`,
    says: /f\.yml:1:1: unknown key "nightly", expected defaults, schedules/,
  },
  'a list of schedules': {
    text: `schedules:\n  - name: a\n    job: x\n`,
    says: /f\.yml:2:3: schedules: expected a map from name to definition, not a list, got a list; write 'name:'/,
  },
  'no timing': { text: `schedules:\n  a:\n    job: x\n`, says: /f\.yml:2:3: a: expected cron, every or manual: true/ },
  'two timings': {
    text: `schedules:\n  a:\n    cron: 0 3 * * *\n    every: 5m\n    job: x\n`,
    says: /f\.yml:4:5: a: expected one of cron, every and manual, got cron and every/,
  },
  'offset beside cron': {
    text: `schedules:\n  a:\n    cron: 0 3 * * *\n    offset: 5m\n    job: x\n`,
    says: /expected only beside every/,
  },
  'tz beside every': {
    text: `schedules:\n  a:\n    every: 5m\n    tz: UTC\n    job: x\n`,
    says: /a\.tz: expected only beside cron/,
  },
  'manual: false': { text: `schedules:\n  a:\n    manual: false\n    job: x\n`, says: /expected true, got false/ },
  'a number for an interval': {
    text: `schedules:\n  a:\n    every: 10\n    job: x\n`,
    says: /f\.yml:3:12: a: every: .*say '10s'/,
  },
  'a list for an interval': {
    text: `schedules:\n  a:\n    every: [1h, 5m]\n    job: x\n`,
    says: /expected a duration such as '15m'.*got a list/,
  },
  'yes for true': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    enabled: yes\n`,
    says: /expected true or false, got "yes"; write true/,
  },
  'a number for a job': {
    text: `schedules:\n  a:\n    every: 5m\n    job: 5\n`,
    says: /expected the name of a job, got 5; quote it/,
  },
  'a queue that is no name': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    queue: 'a b'\n`,
    says: /a\.queue: a queue name must be/,
  },
  'a schedule name that is none': {
    text: `schedules:\n  'a b':\n    every: 5m\n    job: x\n`,
    says: /f\.yml:2:3: .*schedule name must be/,
  },
  'an empty list of expressions': { text: `schedules:\n  a:\n    cron: []\n    job: x\n`, says: /got an empty list/ },
  'environments in one text': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    env: production, staging\n`,
    says: /write \[production, staging\]/,
  },
  'cron in defaults': {
    text: `defaults:\n  cron: 0 3 * * *\nschedules: {}\n`,
    says: /f\.yml:2:3: defaults: unknown key "cron"/,
  },
  'a schedule that is nothing': {
    text: `schedules:\n  a:\n`,
    says: /a: expected a map with job and cron, every or manual, got nothing/,
  },
  'no schedules key': { text: `defaults: { tz: UTC }\n`, says: /expected the key schedules, got none/ },
}

/** Files that only the reader can refuse: their fault is in what a text means, or in the YAML itself. */
export const MEANINGLESS: Readonly<Record<string, { readonly text: string; readonly says: RegExp }>> = {
  'an unquoted star': {
    text: `schedules:\n  a:\n    cron: */5 * * * *\n    job: x\n`,
    says: /f\.yml:3:11: expected a text, got \*\/5 \* \* \* \*; quote the expression.*: '\*\/5 \* \* \* \*'/,
  },
  'an unquoted star between braces': {
    text: `schedules:\n  a: { cron: */5,*/7 * * * *, job: x }\n`,
    says: /f\.yml:2:14: expected a text, got .*; quote the expression.*: '\*\/5,\*\/7 \* \* \* \*'/,
  },
  'an unquoted star at the end of braces': {
    text: `schedules:\n  a: { job: x, cron: * * * * * }\n`,
    says: /f\.yml:2:22: .*: '\* \* \* \* \*'/,
  },
  'nothing but stars': {
    text: `schedules:\n  a:\n    cron: * * * * *  # each minute\n    job: x\n`,
    says: /f\.yml:3:11: .*: '\* \* \* \* \*'/,
  },
  'an alias': {
    text: `defaults: &d { tz: UTC }\nschedules:\n  a: *d\n`,
    says: /expected no anchor, got &d; write the value out, or use defaults/,
  },
  'a merge key': {
    text: `schedules:\n  a:\n    <<: { every: 5m }\n    job: x\n`,
    says: /f\.yml:3:5: expected no merge key, got <</,
  },
  ERB: {
    text: `<% if production? %>\nschedules: {}\n`,
    says: /f\.yml:1:1: expected plain YAML, got ERB \(<%\); write the value, or use env:/,
  },
  'ERB in a value': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    queue: <%= ENV['Q'] %>\n`,
    says: /f\.yml:5:12: a\.queue: expected the name of a queue, got ERB/,
  },
  'an empty file': { text: ``, says: /f\.yml:1:1: expected the key schedules, got an empty file/ },
  'only a comment': { text: `# nothing\n`, says: /got an empty file/ },
  tabs: { text: `schedules:\n\ta:\n\t\tjob: x\n`, says: /f\.yml:2:1: .*indent with spaces/ },
  'a name twice': {
    text: `schedules:\n  a: { every: 5m, job: x }\n  a: { every: 6m, job: x }\n`,
    says: /f\.yml:3:3: .*give each its own name/,
  },
  'two documents': { text: `schedules: {}\n---\nschedules: {}\n`, says: /one document a file/ },
  'a tag': { text: `schedules:\n  a: !ruby/object { every: 5m, job: x }\n`, says: /leave the tag out/ },
  'a bad zone': {
    text: `schedules:\n  a:\n    cron: 0 3 * * *\n    tz: Europe/Berln\n    job: x\n`,
    says: /f\.yml:4:9: a\.tz: .*did you mean 'Europe\/Berlin'/,
  },
  'a bad expression': {
    text: `schedules:\n  a:\n    cron: 61 3 * * *\n    job: x\n`,
    says: /f\.yml:3:11: a\.cron: "61 3 \* \* \*": minute field: expected 0-59, got "61"/,
  },
  'an expression that never fires': {
    text: `schedules:\n  a:\n    cron: 0 0 31 2 *\n    job: x\n`,
    says: /never fires/,
  },
  'a bad interval': { text: `schedules:\n  a:\n    every: 5 minuts\n    job: x\n`, says: /did you mean 'minutes'/ },
  'an interval below a second': { text: `schedules:\n  a:\n    every: 500ms\n    job: x\n`, says: /at least 1 s/ },
  'two zones': {
    text: `schedules:\n  a:\n    cron: 0 3 * * * Europe/Paris\n    tz: UTC\n    job: x\n`,
    says: /expected one time zone, got "UTC" here and "Europe\/Paris" in cron/,
  },
  'no job': { text: `schedules:\n  a:\n    every: 5m\n`, says: /f\.yml:2:3: a: expected a job, got none/ },
  'not a number': {
    text: `schedules:\n  a:\n    every: 5m\n    job: x\n    payload: { n: .nan }\n`,
    says: /a number that JSON can hold exactly, got NaN/,
  },
  'deep nesting': { text: `schedules: ${'['.repeat(100)}${']'.repeat(100)}\n`, says: /at most 64 levels/ },
  'nesting that would overflow a stack': {
    text: `schedules: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    says: /at most 64 levels/,
  },
}
