import { type Duration, duration, type Instant } from '../time/clock.ts'
import { formatDuration } from '../time/duration.ts'
import { isoLocal, type Zone } from '../time/zone.ts'
import { type AuditedSchedule, differenceInWords } from '../timetable/audit.ts'
import type { Simulation } from '../wiring/simulate.ts'
import type { SimulatedStep, TickDecision } from '../wiring/simulated-steps.ts'
import type { AskedSimulation } from './simulate-asked.ts'
import { table } from './terminal.ts'
import { counted, iso } from './words.ts'

/** A simulation as a time line for people, with its summary at the end. */
export function simulationText(played: Simulation, asked: AskedSimulation): string {
  const { zone } = asked
  const rows = played.steps.map((step) => [
    isoLocal(zone, step.at),
    'schedule' in step ? step.schedule : '-',
    stepText(step, zone),
  ])
  const line = rows.length === 0 ? [] : [table([[`TIME IN ${zone.name}`, 'SCHEDULE', 'WHAT HAPPENS'], ...rows]), '']
  return [...line, simulationSummary(played, asked)].join('\n')
}

/** What became of the ticks and jobs of a simulation in all, and the audit's verdict. */
export function simulationSummary(
  { jobs, audits, until }: Simulation,
  { zone, takes, from, config }: AskedSimulation,
): string {
  const { made, ended, expired, cancelled, running, waiting } = jobs
  const fates = Object.entries({ ended, expired, cancelled, running, waiting }).filter(([, count]) => count > 0)
  const told = fates.length === 0 ? '' : `: ${fates.map(([word, count]) => `${count} ${word}`).join(', ')}`
  return [
    `${isoLocal(zone, from)} to ${isoLocal(zone, until)}; one worker with concurrency ${config.concurrency}, jobs take ${formatDuration(takes)}`,
    ...audits.map(summaryOf),
    `${counted(made, 'job')}${told}`,
    ...audits.flatMap((audit) => differencesOf(audit, zone)),
    isAccounted(audits) ? 'proved: every tick is accounted for' : 'not proved: see the differences above',
  ].join('\n')
}

/** Whether an audit found nothing but ticks that are still owed, as when no scheduler runs at the end. */
export const isAccounted = (audits: readonly AuditedSchedule[]): boolean =>
  audits.every(({ differences }) => differences.every(({ kind }) => kind === 'overdue'))

const BESIDE = ['applied', 'withdrawn', 'limit']

function summaryOf({ name, expected, recorded }: AuditedSchedule): string {
  const fates = Object.entries(recorded).filter(([fate]) => !BESIDE.includes(fate))
  const told = fates.map(([fate, count]) => `${count} ${FATES[fate] ?? fate}`).join(', ')
  return `${name}: ${counted(expected, 'tick')} planned${told === '' ? '' : `: ${told}`}`
}

/** The fates whose names alone say too little. */
const FATES: Readonly<Record<string, string>> = {
  coalesced: 'coalesced into others',
  overlap: 'skipped for overlap',
  deadline: 'skipped for their deadline',
  missed: 'skipped as missed',
  paused: 'skipped in a pause',
  excluded: 'excluded by a calendar',
}

const differencesOf = ({ name, differences }: AuditedSchedule, zone: Zone): readonly string[] =>
  differences.map((each) => `${name}: from ${isoLocal(zone, each.first)} on, ${differenceInWords(each)}`)

function stepText(step: SimulatedStep, zone: Zone): string {
  switch (step.kind) {
    case 'tick':
      return decisionText(step, zone)
    case 'job':
      return `job ${step.job} ${WHAT[step.what]}`
    case 'scheduler':
      return step.what === 'stops' ? 'the outage begins: no scheduler runs' : 'the outage ends: a scheduler starts'
    case 'pause':
      return step.what === 'begins' ? 'all schedules are paused' : 'the pause ends'
    case 'clocks':
      return step.what === 'gap'
        ? `clocks in ${step.zone} go forward: from ${step.from} to ${step.to} no time is shown`
        : `clocks in ${step.zone} go back: the times from ${step.from} to ${step.to} are shown twice`
  }
}

const WHAT = {
  held: 'is held: an earlier run has not ended',
  released: 'is released',
  started: 'starts',
  ended: 'ends',
  cancelled: 'is cancelled before it began',
  expired: 'expires: it could not begin in time',
} as const

function decisionText(step: TickDecision, zone: Zone): string {
  const parts = [`${ticksOf(step, zone)} ${fateText(step, zone)}`, ...(step.note === null ? [] : [step.note])]
  return step.fate === 'limit' ? 'the limit is reached: nothing more is planned' : parts.join('; ')
}

function ticksOf({ at, first, last, count, dueAt }: TickDecision, zone: Zone): string {
  if (count > 1) return `${count} ticks from ${isoLocal(zone, first)} to ${isoLocal(zone, last)}`
  if (first === at) return 'tick'
  const due = dueAt === first ? '' : `, due ${sooner(dueAt, first)} later,`
  return `tick of ${isoLocal(zone, first)}${due}`
}

const sooner = (at: Instant, than: Instant): string => formatDuration(duration(at - than))

function fateText({ fate, job, lateness, into, standsFor, calendar }: TickDecision, zone: Zone): string {
  const stands = (standsFor ?? 1) > 1 ? `, stands for ${standsFor} ticks` : ''
  switch (fate) {
    case 'fired':
      return `fired: job ${job}${stands}`
    case 'late':
      return `fired late, ${by(lateness)}: job ${job}${stands}`
    case 'coalesced':
      return into === null ? 'coalesced' : `coalesced into that of ${isoLocal(zone, into)}`
    case 'overlap':
      return `skipped: overlap, job ${job} has not ended`
    case 'deadline':
      return `skipped: deadline, ${by(lateness)} late`
    case 'excluded':
      return `excluded by calendar ${calendar ?? ''}`.trimEnd()
    case 'missed':
      return 'skipped: missed, and too old or too many for its policy'
    case 'paused':
      return 'skipped: paused'
    default:
      return `recorded as ${fate}`
  }
}

const by = (lateness: Duration): string => formatDuration(lateness)

/** A simulation for machines. */
export const simulationValue = (
  { steps, jobs, audits, until }: Simulation,
  { zone, from, to, takes, config, outages, pauses }: AskedSimulation,
) => ({
  from: iso(from),
  to: iso(to),
  until: iso(until),
  zone: zone.name,
  jobsTakeMs: takes,
  concurrency: config.concurrency,
  outages: outages.map((each) => ({ from: iso(each.from), to: iso(each.to) })),
  pauses: pauses.map((each) => ({ from: iso(each.from), to: iso(each.to) })),
  steps: steps.map((step) => stepValue(step, zone)),
  jobs,
  schedules: audits.map(({ name, expected, recorded, differences }) => ({
    name,
    expected,
    recorded: Object.fromEntries(Object.entries(recorded).filter(([fate]) => !BESIDE.includes(fate))),
    differences: differences.map(({ kind, first, last, count }) => ({
      kind,
      first: iso(first),
      last: iso(last),
      count,
    })),
  })),
  proved: isAccounted(audits),
})

function stepValue(step: SimulatedStep, zone: Zone): object {
  const at = { at: iso(step.at), local: isoLocal(zone, step.at) }
  if (step.kind !== 'tick') return { ...step, ...at }
  const { first, last, dueAt, into, lateness, ...rest } = step
  return {
    ...rest,
    ...at,
    first: iso(first),
    last: iso(last),
    dueAt: iso(dueAt),
    into: iso(into),
    latenessMs: lateness,
  }
}
