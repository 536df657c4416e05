import type { ProcessPlan } from './dev-plan.ts'

const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92] as const
const RED = 31
const YELLOW = 33

const painted = (text: string, code: number, colour: boolean): string =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text

/** Answers how a line of a process is shown: its title as a prefix, each in its own colour, our own JSON logs as a sentence. */
export function prefixer(plans: readonly ProcessPlan[], colour: boolean): (plan: ProcessPlan, text: string) => string {
  const width = Math.max(0, ...plans.map(({ title }) => title.length))
  return (plan, text) => {
    const hue = COLOURS[plans.indexOf(plan) % COLOURS.length] ?? 36
    return `${painted(`${plan.title.padEnd(width)} |`, hue, colour)} ${sentence(text, colour)}`
  }
}

/** A line of pino as a person reads it; any other line as it is. */
function sentence(text: string, colour: boolean): string {
  const log = text.startsWith('{"level":') ? parsed(text) : undefined
  if (log === undefined) return text
  const { level, time: _time, msg, event: _event, role: _role, error, ...rest } = log
  const fault = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const said = [String(msg ?? ''), ...(fault === undefined ? [] : [String(fault)]), ...fields].join('  ')
  if (typeof level !== 'number' || level < 40) return said
  return level < 50 ? painted(said, YELLOW, colour) : painted(said, RED, colour)
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
