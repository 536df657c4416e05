import { daysInMonth } from '../time/reading.ts'
import { splitCron } from './cron-text.ts'
import { termsOf, valuesOf } from './describe.ts'
import { daysPhrase } from './describe-days.ts'
import type { Found, Subject } from './finding.ts'
import { MONTHS, numbers, ordinal, WEEKDAYS } from './words.ts'

/** Day fields that mean together what few expect, and days that some months lack. */
export const lintDays = (subject: Subject): readonly Found[] => [
  ...lintTogether(subject),
  ...lintMissing(subject),
  ...lintFifth(subject),
]

function lintTogether({ cron, written }: Subject): readonly Found[] {
  const [days, weekdays] = [termsOf(cron, 0, 'day of month'), termsOf(cron, 0, 'day of week')]
  const { combine } = cron.patterns[0]?.times.days ?? { combine: 'both' }
  const free = /^[*?]$/
  const [day = '*', , weekday = '*'] = written.slice(3)
  if (free.test(day) || free.test(weekday) || splitCron(cron.texts[0] ?? '').bothDays) return []
  const runs = daysPhrase({ days, weekdays, combine, months: valuesOf(cron, 0, 'month') }) || 'every day'
  if (combine === 'either') {
    const message = `both day fields are restricted (${day} and ${weekday}), so either is enough: it runs ${runs}`
    const fix = `write ${weekday}& for days that match both, or two expressions to show that either is meant`
    return [{ code: 'either-day', message, fix, field: 'day of month' }]
  }
  const message = `a day field begins with a star (${day} and ${weekday}), so both must match: it runs ${runs}`
  const fix = `write ${weekday}& to show that it is meant, or a range such as 1-31/2 in place of */2 for either`
  return [{ code: 'both-days', message, fix, field: 'day of month' }]
}

/** Days 29 to 31 that are asked for by number: ranges and steps end where the month ends, as everybody expects. */
function lintMissing({ cron, written }: Subject): readonly Found[] {
  const months = valuesOf(cron, 0, 'month')
  return (written[3] ?? '*').split(',').flatMap((token): readonly Found[] => {
    const day = Number(/^(\d\d?)W?$/i.exec(token)?.[1] ?? 0)
    const lacking = months.filter((month) => day > daysInMonth(2023, month))
    if (day < 29 || lacking.length === 0) return []
    const names = numbers(lacking, (month) => MONTHS[month - 1] ?? '')
    const where = day === 29 ? 'February except in leap years' : names
    const message = `there is no ${ordinal(day)} in ${where}: it does not run then`
    return [{ code: 'missing-day', message, fix: 'write L for the last day of each month', field: 'day of month' }]
  })
}

function lintFifth({ cron }: Subject): readonly Found[] {
  return termsOf(cron, 0, 'day of week').flatMap((term): readonly Found[] => {
    if (term.kind !== 'nth' || term.nth !== 5) return []
    const name = WEEKDAYS[term.weekday] ?? ''
    const message = `most months have no fifth ${name}: it does not run then`
    return [{ code: 'missing-day', message, fix: `write ${term.weekday}L for the last ${name}`, field: 'day of week' }]
  })
}
