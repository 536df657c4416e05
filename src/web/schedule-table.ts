import type { LedgerFate } from '../schedule/ledger.ts'
import type { ScheduleState } from '../timetable/state.ts'
import { html, type Markup, type Piece } from './html.ts'
import type { FateMark, ScheduleRow, ScheduleRows } from './schedule-rows.ts'
import { type Column, table } from './table.ts'
import { countText, HINDRANCES, instantOf, lengthText, localText } from './words.ts'

/** How a fate is marked: by a letter, which is not a colour, and by a colour. */
const MARKS: Readonly<
  Record<LedgerFate, readonly [letter: string, look: 'good' | 'late' | 'rest' | 'bad', words: string]>
> = {
  fired: ['f', 'good', 'fired'],
  late: ['l', 'late', 'fired late'],
  coalesced: ['c', 'late', 'coalesced into another run'],
  overlap: ['o', 'late', 'skipped, an earlier run had not ended'],
  paused: ['p', 'rest', 'paused'],
  deadline: ['d', 'bad', 'skipped, its deadline had passed'],
  excluded: ['x', 'rest', 'excluded by a calendar'],
  missed: ['m', 'bad', 'missed'],
  'called-off': ['k', 'rest', 'called off'],
  backfilled: ['b', 'good', 'backfilled'],
  superseded: ['s', 'rest', 'superseded'],
  'by-hand': ['r', 'good', 'run by hand'],
  applied: ['a', 'rest', 'applied'],
  withdrawn: ['w', 'rest', 'withdrawn'],
  limit: ['e', 'rest', 'limit reached'],
}

/** The table of schedules, and a line that says what the letters mean. */
export function scheduleTable({ rows, beyond }: ScheduleRows, now: number): Markup {
  const columns: readonly Column<ScheduleRow>[] = [
    {
      title: 'schedule',
      cell: ({ name, description }) => [name, description && html`<span class="note">${description}</span>`],
    },
    { title: 'when', cell: whenCell },
    { title: 'next due', cell: (row) => nextCell(row, now) },
    { title: 'last', cell: (row) => lastCell(row, now) },
    { title: 'newest ticks', cell: newest },
    {
      title: 'job',
      cell: ({ job, queue, made }) => [job, html`<span class="note">${countText(made)} made, queue ${queue}</span>`],
    },
  ]
  const more =
    beyond > 0 ? `, the first ${countText(rows.length)} by name; ${countText(beyond)} names more are not shown` : ''
  const caption = `Schedules in force${more}; each in its own zone; its newest ticks open to a list`
  const rowClass = ({ dueAt }: ScheduleRow): string => (dueAt !== null && now - dueAt > LONG ? 'late' : '')
  return html`${table({ id: 'schedules', caption, columns, rows, rowClass })}
${legend(rows)}`
}

/** A tick may be due so long before its row is marked. */
const LONG = 10_000

const whenCell = ({ sentence, when }: ScheduleRow): Piece => [sentence, html`<code class="note">${when}</code>`]

function nextCell({ state, nextAt, dueAt, hindrance, calledOff, zone }: ScheduleRow, now: number): Piece {
  const at = dueAt ?? nextAt
  const spread = dueAt !== null && nextAt !== null && dueAt !== nextAt
  return [
    stateText(state, zone),
    at !== null && instantOf(at, now, zone),
    hindrance !== null && state.kind !== 'paused' && html`<span class="tag rest">${HINDRANCES[hindrance]}</span>`,
    hindrance === 'called-off' && calledOff && html`<span class="note">${byText(calledOff)}</span>`,
    spread && html`<span class="note">planned for ${localText(nextAt, zone)}</span>`,
  ]
}

function stateText(state: ScheduleState, zone: string): Piece {
  switch (state.kind) {
    case 'on':
      return null
    case 'manual':
      return 'by hand only'
    case 'limit-reached':
      return html`<span class="tag">limit reached</span>`
    case 'ended':
      return html`<span class="tag">ended</span>`
    case 'unreadable':
      return html`<span class="tag bad">of another release</span>`
    case 'waits':
      return html`<span class="tag">begins ${localText(state.until, zone)}</span>`
    case 'paused': {
      const { until: end, by, reason } = state.pause
      const until = end === null ? 'until somebody resumes it' : `until ${localText(end, zone)}`
      const who = byText({ by, reason })
      return html`<span class="tag bad">paused</span> <span class="note">${until}${who !== '' && `, ${who}`}</span>`
    }
  }
}

const byText = ({ by, reason }: { readonly by: string; readonly reason: string }): string =>
  [by && `by ${by}`, reason].filter((part) => part !== '').join(': ')

function lastCell({ fates, zone, budget }: ScheduleRow, now: number): Piece {
  const last = fates.at(-1)
  const planned = budget !== null && html`<span class="note">planned for at most ${latenessText(budget)} (p99)</span>`
  if (last === undefined) return ['never', planned]
  const over = budget !== null && isRun(last.fate) && last.lateness > budget
  return [
    html`<span class="fate ${MARKS[last.fate][1]}">${MARKS[last.fate][2]}</span> ${instantOf(last.last, now, zone)}`,
    isRun(last.fate) &&
      html`<span class="${over ? 'note over' : 'note'}">${latenessText(last.lateness)} late${over && ', over its budget'}</span>`,
    planned,
  ]
}

/** A backfilled tick is late by what a person wanted, which is no lateness of a scheduler. */
const isRun = (fate: LedgerFate): boolean => fate === 'fired' || fate === 'late'

const latenessText = (length: number): string => (length < 1_000 ? `${length} ms` : lengthText(length))

/** The newest ticks as letters, which open to a list; who hears the page hears how many there are of each. */
function newest({ name, fates, zone }: ScheduleRow): Piece {
  if (fates.length === 0) return html`<span class="zero">–</span>`
  const marks = fates.map(({ fate }) => html`<i class="${MARKS[fate][1]}">${MARKS[fate][0]}</i>`)
  const lines = fates.toReversed().map((mark) => html`<li>${markText(mark, zone)}</li>\n`)
  return html`<details class="ticks" id="ticks-${name}"><summary id="ticks-of-${name}"><span class="strip" role="img" aria-label="${countedFates(fates)}">${marks}</span></summary>
<ol>
${lines}</ol></details>`
}

function markText({ fate, first, last, count, lateness }: FateMark, zone: string): string {
  const when =
    count === 1
      ? localText(last, zone)
      : `${countText(count)} from ${localText(first, zone)} to ${localText(last, zone)}`
  return `${MARKS[fate][2]}: ${when}${isRun(fate) ? `, ${latenessText(lateness)} late` : ''}`
}

function countedFates(fates: readonly FateMark[]): string {
  const counts = new Map<LedgerFate, number>()
  for (const { fate, count } of fates) counts.set(fate, (counts.get(fate) ?? 0) + count)
  return `of the newest ticks ${[...counts].map(([fate, count]) => `${countText(count)} ${MARKS[fate][2]}`).join('; ')}`
}

/** What the letters that stand in the table mean. */
function legend(rows: readonly ScheduleRow[]): Piece {
  const used = [...new Set(rows.flatMap(({ fates }) => fates.map(({ fate }) => fate)))]
  const marks = used.map(
    (fate) => html`<span><i class="${MARKS[fate][1]}">${MARKS[fate][0]}</i> ${MARKS[fate][2]}</span>\n`,
  )
  return used.length > 0 && html`<p class="legend">${marks}</p>`
}
