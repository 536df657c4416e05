import type { SeenProcess } from '../store/registry.ts'
import type { Hindrance } from '../timetable/state.ts'
import { html, type Markup, type Piece } from './html.ts'
import type { Coming, DeadRow, Overview, QueueRow } from './overview.ts'
import { scheduleTable } from './schedule-table.ts'
import { type Column, table } from './table.ts'
import { countText, HINDRANCES, instantOf, isLong, lengthText, localText, relativeText } from './words.ts'

/** What waits for somebody to act, with the line to type; or that nothing does. */
export function notices({ unserved, zoneMismatch, canary, now }: Overview, faults: readonly string[]): Markup {
  if (unserved.length + faults.length === 0 && zoneMismatch === undefined)
    return html`<section id="notices" class="notice" data-fresh aria-label="State"><p>Everything that waits is served.${canary !== null && ` The last tick that went the whole way did so ${relativeText(canary.completedAt, now)}.`}</p></section>`
  return html`<section id="notices" class="notice wanting" data-fresh aria-labelledby="notices-head">
<h2 id="notices-head">Somebody is needed</h2>
<ul>
${unserved.map(({ text, line }) => html`<li>${text}<code>${line}</code></li>\n`)}${faults.map(
  (fault) =>
    html`<li>${fault}${!fault.includes('stays in force') && html`<span class="note">What was last applied from it stays in force.</span>`}</li>\n`,
)}${
  zoneMismatch !== undefined &&
  html`<li>${zoneMismatch}<span class="note">No tick doubles, since the stored next tick counts. Run one version of Node everywhere.</span></li>\n`
}</ul>
</section>`
}

const PLACES = [
  ['scheduled', 'wait for their time'],
  ['ready', 'wait for a free worker'],
  ['active', 'run at this moment'],
  ['ended', 'done; kept for a while'],
  ['held', 'wait for a worker that knows their name'],
  ['dead', 'failed for good; wait for you'],
] as const

/** The places of the picture with their counts, in all and by queue. */
export function places({ queues, now }: Overview): Markup {
  const cards = PLACES.map(([place, means]) => {
    const total = queues.reduce((sum, queue) => sum + queue[place], 0)
    return html`<div class="${place}${total > 0 ? ' some' : ''}"><dt>${place}</dt><dd class="count">${countText(total)}</dd><dd class="means">${means}</dd></div>\n`
  })
  return section(
    'places',
    'Places',
    html`<dl class="places">
${cards}</dl>
${queues.length === 0 ? empty(html`No queue yet: the first job makes one. <code>morrow job enqueue NAME --in 10s</code>, or <code>await client.schedule(job, payload, { in: '3 days' })</code> in a program.`) : queueTable(queues, now)}`,
  )
}

function queueTable(queues: readonly QueueRow[], now: number): Markup {
  const count = (place: (typeof PLACES)[number][0]): Column<QueueRow> => ({
    title: place,
    number: true,
    cell: (queue) => (queue[place] === 0 ? html`<span class="zero">0</span>` : countText(queue[place])),
  })
  const columns: readonly Column<QueueRow>[] = [
    {
      title: 'queue',
      cell: ({ queue, waiting, behind, pauses }) => [
        queue,
        pausedBy(pauses, now),
        heldNames(waiting, now),
        heldRuns(behind, now),
      ],
    },
    ...PLACES.map(([place]) => count(place)),
    { title: 'oldest ready', number: true, cell: ({ oldestReadyAt }) => waitText(oldestReadyAt, now) },
    { title: 'completed in all', number: true, cell: ({ totals }) => countText(totals.completed) },
  ]
  return table({ id: 'queues', caption: 'Jobs by queue and place', columns, rows: queues })
}

const pausedBy = (pauses: QueueRow['pauses'], now: number): Piece =>
  pauses.map(({ scope, by, reason, since, until }) => {
    const end = until === null ? '' : `, for ${lengthText(until - now)} more`
    const what = scope === 'everything' ? 'paused with everything' : 'paused'
    return html`<span class="note">${what} for ${lengthText(now - since)}${end} by ${by}: ${reason}</span>`
  })

const heldNames = (waiting: QueueRow['waiting'], now: number): Piece =>
  waiting.map(
    ({ name, count, since }) =>
      html`<span class="note">${countText(count)} × ${name} held for ${lengthText(now - since)}</span>`,
  )

const heldRuns = (behind: QueueRow['behind'], now: number): Piece =>
  behind.map(
    ({ schedule, since }) =>
      html`<span class="note">a run of ${schedule} held behind an earlier one for ${lengthText(now - since)}</span>`,
  )

const waitText = (since: number | null, now: number): Piece =>
  since === null ? html`<span class="zero">–</span>` : lengthText(Math.max(0, now - since))

/** The next ten things: jobs that become due, and ticks. */
export function coming({ coming: rows, now }: Overview): Markup {
  const columns: readonly Column<Coming>[] = [
    { title: 'what', cell: ({ name }) => name },
    { title: 'when', cell: (each) => instantOf(each.at, now, each.kind === 'tick' ? each.zone : 'UTC') },
    {
      title: 'kind',
      cell: (each) =>
        each.kind === 'tick'
          ? [html`<span class="tag tick">tick</span>`, hindered(each.hindrance)]
          : html`<span class="tag">job</span>`,
    },
    { title: 'queue', cell: ({ queue }) => queue },
    { title: 'job', cell: (each) => (each.kind === 'tick' ? each.job : html`<code>${each.id}</code>`) },
  ]
  const caption = 'The next ten; jobs in UTC, ticks in the zone of their schedule'
  const rowClass = ({ at }: Coming): string => (isLong(now - at, 10_000) ? 'late' : '')
  const shown = table({ id: 'coming', caption, columns, rows, rowClass })
  return section(
    'upcoming',
    'Upcoming',
    rows.length > 0 ? shown : empty(html`Nothing is due: no job waits for its time, and no schedule has a next tick.`),
  )
}

const hindered = (hindrance: Hindrance | null): Piece =>
  hindrance !== null && html` <span class="tag rest">${HINDRANCES[hindrance]}</span>`

/** The schedules in force. */
export const schedules = ({ schedules: shown, now }: Overview): Markup =>
  section(
    'schedules',
    'Schedules',
    shown.rows.length > 0
      ? scheduleTable(shown, now)
      : empty(
          html`No schedule is in force. Write one in <code>schedules/*.yml</code>; a scheduler process puts it in force when it starts.`,
        ),
  )

/** The processes seen within the last minute. */
export function processes({ processes: rows, now }: Overview): Markup {
  const columns: readonly Column<SeenProcess>[] = [
    { title: 'process', cell: ({ roles }) => roles.map((role) => html`<span class="tag">${role}</span> `) },
    { title: 'host', cell: ({ host, pid }) => [host, html`<span class="note">pid ${pid}</span>`] },
    { title: 'version', cell: ({ version, environment }) => [version, html`<span class="note">${environment}</span>`] },
    { title: 'queues', cell: ({ queues }) => queues.join(', ') || '–' },
    { title: 'running', number: true, cell: ({ running }) => countText(running) },
    {
      title: 'up',
      cell: ({ startedAt }) => html`<span class="nowrap">${lengthText(Math.max(0, now - startedAt))}</span>`,
    },
    { title: 'seen', cell: ({ seenAt }) => html`<span class="nowrap">${relativeText(seenAt, now)}</span>` },
  ]
  return section(
    'processes',
    'Processes',
    rows.length > 0
      ? table({ id: 'processes', caption: 'Seen within the last minute', columns, rows })
      : empty(
          html`No process was seen within the last minute. <code>morrow worker</code> runs jobs, <code>morrow scheduler</code> moves what is due and fires schedules.`,
        ),
  )
}

/** The newest dead jobs. */
export function dead({ dead: rows, now }: Overview): Markup {
  const columns: readonly Column<DeadRow>[] = [
    { title: 'job', cell: ({ name }) => name },
    { title: 'died', cell: ({ at }) => instantOf(at, now) },
    { title: 'error', cell: ({ error, reason }) => html`<span class="tag bad">${error || reason || 'unknown'}</span>` },
    { title: 'queue', cell: ({ queue }) => queue },
    { title: 'id', cell: ({ id }) => html`<code>${id}</code>` },
  ]
  const caption = 'The newest ten. What went wrong: morrow job show ID; another life: morrow job retry ID'
  return section(
    'dead',
    'Dead',
    rows.length > 0
      ? table({ id: 'deads', caption, columns, rows })
      : empty(
          html`No job is dead. A job that fails in all its attempts ends here and waits for you, 180 days unless said.`,
        ),
  )
}

/** The instant that the page speaks of, by Redis' clock. */
export const asOf = ({ prefix, now }: Overview): Markup =>
  html`<p class="asof" id="asof" data-fresh>namespace <code>${prefix}</code> at <time datetime="${new Date(now).toISOString()}">${localText(now, 'UTC')}</time></p>`

const empty = (text: Markup): Markup => html`<p class="empty">${text}</p>`

const section = (id: string, title: string, content: Markup): Markup =>
  html`<section id="${id}" data-fresh aria-labelledby="${id}-head">
<h2 id="${id}-head">${title}</h2>
${content}
</section>`
