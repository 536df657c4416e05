import { counted, listed, numbers, progression } from './words.ts'

/** The sorted values of the three fields of time. */
export type TimeFields = {
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
}

/** When on a day, in words; `pointed` where 'every day' has to be said of each day: 'at 09:00'. */
export type TimePhrase = { readonly text: string; readonly pointed: boolean }

const DAY = 86_400
const HOUR = 3_600
const MOST_POINTS = 6
/** Fewer points than this are listed, even where they are evenly spaced. */
const FEWEST_SPACED = 4

/** The times of a day in words; a row may pass midnight only where each day has it (`everyDay`). */
export function timePhrase(fields: TimeFields, everyDay: boolean): TimePhrase {
  const { seconds, minutes, hours } = fields
  const count = seconds.length * minutes.length * hours.length
  if (count < FEWEST_SPACED) return pointsOf(fields)
  const row = evenRow(pointSeconds(fields), everyDay)
  if (row !== undefined) return { text: rowText(row, minutes), pointed: false }
  return count <= MOST_POINTS ? pointsOf(fields) : { text: fieldByField(fields), pointed: false }
}

const pointsOf = (fields: TimeFields): TimePhrase => ({
  text: `at ${listed(pointSeconds(fields).map((second) => clockText(second)))}`,
  pointed: true,
})

const pointSeconds = ({ seconds, minutes, hours }: TimeFields): readonly number[] =>
  hours.flatMap((hour) => minutes.flatMap((minute) => seconds.map((second) => hour * HOUR + minute * 60 + second)))

const two = (value: number): string => String(value).padStart(2, '0')

/** A second of the day: '09:00', '09:00:30'; with seconds also in a row whose steps count them. */
function clockText(second: number, step = 60): string {
  const text = `${two(Math.floor(second / HOUR))}:${two(Math.floor(second / 60) % 60)}`
  return second % 60 === 0 && step % 60 === 0 ? text : `${text}:${two(second % 60)}`
}

/** Evenly spaced times of a day; `whole` where the row goes round the clock without a break. */
type Row = { readonly first: number; readonly last: number; readonly step: number; readonly whole: boolean }

function evenRow(points: readonly number[], everyDay: boolean): Row | undefined {
  const [least = 0, most = 0] = [points[0], points.at(-1)]
  const even = progression(points)
  if (even !== undefined) return { ...even, whole: least + DAY - most === even.step }
  if (!everyDay) return undefined
  const step = Math.min(...points.map((point, i) => (points[i + 1] ?? least + DAY) - point))
  const breaks = points.flatMap((point, i) => ((points[i + 1] ?? least + DAY) - point === step ? [] : [i]))
  const [at] = breaks
  if (breaks.length !== 1 || at === undefined) return undefined
  return { first: points[at + 1] ?? least, last: points[at] ?? most, step, whole: false }
}

function rowText({ first, last, step, whole }: Row, minutes: readonly number[]): string {
  const every = everyText(step)
  const span = `${every} from ${clockText(first, step)} to ${clockText(last, step)}`
  if (!whole) return span
  if (step < HOUR && first === 0) return every
  if (step < 60) return `${every} from second ${first}`
  if (step > HOUR || first % 60 !== 0) return span
  return first === 0 ? 'every hour on the hour' : pastText(minutes, 'every hour')
}

/** 'every minute', 'every 15 minutes', 'every 2 hours'. */
function everyText(step: number): string {
  const [unit, noun] = step % HOUR === 0 ? [HOUR, 'hour'] : step % 60 === 0 ? [60, 'minute'] : [1, 'second']
  return step === unit ? `every ${noun}` : `every ${counted(step / unit, noun)}`
}

const pastText = (minutes: readonly number[], hours: string): string =>
  `at ${numbers(minutes)} ${minutes.length === 1 && minutes[0] === 1 ? 'minute' : 'minutes'} past ${hours}`

/** What has no shorter form: each field by itself. */
function fieldByField({ seconds, minutes, hours }: TimeFields): string {
  const allHours = hours.length === 24
  const hoursText = allHours ? 'every hour' : `hour${hours.length === 1 ? '' : 's'} ${numbers(hours)}`
  const everyMinute = evenly(minutes, 'minute')
  const during = allHours ? '' : ` during ${hoursText}`
  if (seconds.length === 1 && seconds[0] === 0)
    return everyMinute === undefined ? pastText(minutes, hoursText) : `${everyMinute}${during}`
  const every = evenly(seconds, 'second') ?? `at second${seconds.length === 1 ? '' : 's'} ${numbers(seconds)}`
  if (minutes.length === 60) return `${every} of every minute${during}`
  return `${every} of minute${minutes.length === 1 ? '' : 's'} ${numbers(minutes)} past ${hoursText}`
}

/** 'every 15 minutes' for values from 0 that go round the hour evenly; undefined for all others. */
function evenly(values: readonly number[], noun: string): string | undefined {
  const even = progression(values)
  if (even === undefined || even.first !== 0 || even.last + even.step !== 60) return undefined
  return even.step === 1 ? `every ${noun}` : `every ${counted(even.step, noun)}`
}
