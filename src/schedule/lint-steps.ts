import { FIELDS, type FieldName, RANGES } from './cron-field.ts'
import type { Found, Subject } from './finding.ts'
import { counted } from './words.ts'

/** Steps that do not mean 'every n', and fields left at `*` below a restricted one. */
export const lintSteps = (subject: Subject): readonly Found[] => [
  ...FIELDS.filter((field) => stepsCount(subject, field)).flatMap((field) =>
    (subject.written[FIELDS.indexOf(field)] ?? '*').split(',').flatMap((token) => lintStep(field, token)),
  ),
  ...lintStar(subject),
]

/** Beside restricted days of the week, steps of days are told by the rule for both day fields. */
const stepsCount = ({ written }: Subject, field: FieldName): boolean =>
  field !== 'day of month' || written[5] === '*' || written[5] === '?'

const NOUNS: Readonly<Record<FieldName, { readonly one: string; readonly whole: string }>> = {
  second: { one: 'second', whole: 'minute' },
  minute: { one: 'minute', whole: 'hour' },
  hour: { one: 'hour', whole: 'day' },
  'day of month': { one: 'day', whole: 'month' },
  month: { one: 'month', whole: 'year' },
  'day of week': { one: 'day', whole: 'week' },
}

/** Only what goes round the whole field: of `8-18/3` nobody expects an even distance to the next day. */
function lintStep(field: FieldName, token: string): readonly Found[] {
  const match = /^(\*|H|(\d+)-(\d+))\/(\d+)$/.exec(token)
  if (match === null) return []
  const [least, most] = RANGES[field]
  const whole = match[2] === undefined || (Number(match[2]) === least && Number(match[3]) === most)
  const [size, step] = [most - least + 1, Number(match[4])]
  if (!whole || step <= 1) return []
  if (step >= size) return [tooLarge(field, token, step)]
  if (size % step === 0 && field !== 'day of month') return []
  const { one, whole: around } = NOUNS[field]
  const known = field !== 'day of month' && match[1] !== 'H'
  const last = known ? `${counted(size % step, one)} long, not ${step}` : `not always ${counted(step, one)} long`
  const message = `${token} in the ${field} field begins again with each ${around}: its last step is ${last}`
  return [{ code: 'uneven-step', message, fix: unevenFix(field, step), field }]
}

function tooLarge(field: FieldName, token: string, step: number): Found {
  const { one, whole } = NOUNS[field]
  const first = RANGES[field][0]
  const only = token.startsWith('H') ? 'one value' : `${first}`
  const message = `${token} in the ${field} field matches ${only} only: it matches once in each ${whole}, not every ${step} ${one}s`
  const fix = everyText(field, step)
  return { code: 'step-too-large', message, fix: fix ?? `write the value that is meant, ${first}`, field }
}

const unevenFix = (field: FieldName, step: number): string => {
  const even = everyText(field, step)
  return `${even === undefined ? '' : `${even} for an even distance, or `}list the values that are meant`
}

function everyText(field: FieldName, step: number): string | undefined {
  switch (field) {
    case 'second':
      return `write every: ${step}s`
    case 'minute':
      return `write every: ${step}m`
    case 'hour':
      return `write every: ${step}h`
    case 'day of month':
      return `write every: ${step}d`
    case 'month':
    case 'day of week':
      return undefined
  }
}

/** `* 3 * * *` is sixty runs from 03:00 to 03:59, where mostly one is meant. */
function lintStar({ written, resolved, cron }: Subject): readonly Found[] {
  const [second, minute, hour] = resolved
  const times = cron.patterns[0]?.times
  if (times === undefined) return []
  if (second === '*' && times.minutes.size < 60) {
    const message = `* in the second field runs 60 times in each minute that matches`
    return [
      { code: 'every-second-of-minute', message, fix: 'write 0 in the second field for one run', field: 'second' },
    ]
  }
  if (minute !== '*' || hour === undefined || !/^[\d,]+$/.test(hour)) return []
  const [fields, times60, one] =
    second === '*' ? ['second and minute fields', '3,600', '0 0'] : ['minute field', '60', '0']
  const message = `* in the ${fields} runs ${times60} times in each hour that matches (${written[2]})`
  return [{ code: 'every-minute-of-hour', message, fix: `write ${one} there for one run`, field: 'minute' }]
}
