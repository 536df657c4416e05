import { cpus, release, totalmem, type } from 'node:os'

/** Facts of the machine and the run, for the head of the table. */
export function factsOf({ redis, rounds, quick }) {
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus().length} x ${cpu?.model.replace(/\s+/g, ' ').trim() || 'an unnamed CPU'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    redis,
    rounds,
    quick,
  }
}

/** The head of the table. */
export function head(facts, systems) {
  const [ours, ...peers] = systems.map(({ label }) => label)
  const medians = facts.rounds === 1 ? 'one round' : `medians of ${facts.rounds} rounds in turn`
  return [
    `${ours} beside ${peers.join(', ')}`,
    `${facts.cpu}, ${facts.memory}, ${facts.system}; Node ${facts.node}, Redis ${facts.redis}`,
    `one worker process each, one Redis on loopback without persistence; ${medians}${facts.quick ? '; quick sizes: too small to quote' : ''}`,
    '3.1x beside a figure: Morrow is so many times better',
  ].join('\n')
}

const LABEL = 48
const FIGURE = 12
const RATIO = 7

/** The names over the columns. */
export const columns = (systems) =>
  line(
    '',
    systems.map(({ label }) => label.replace(/ [\d.]+$/, '').padStart(FIGURE)),
  )

/** One figure of all systems; beside the peers', how many times better ours is. */
export const figureLine = ({ label, cells, ratios }) =>
  line(
    label,
    cells.map((cell, index) => cellText(cell).padStart(FIGURE) + ratioText(ratios[index]).padStart(RATIO)),
  )

const line = (label, cells) =>
  `${label.padEnd(LABEL)}${cells.map((cell) => cell.padEnd(FIGURE + RATIO)).join('')}`.trimEnd()

const cellText = ({ median, note }) => (median === null ? note : shortened(median))
const ratioText = (ratio) => (ratio === null ? '' : `${ratio.toFixed(ratio >= 10 ? 0 : 1)}x`)

/** Three digits are all that such measurements carry. */
function shortened(value) {
  const size = Math.abs(value)
  if (size >= 1_000) return Number(value.toPrecision(3)).toLocaleString('en')
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}
