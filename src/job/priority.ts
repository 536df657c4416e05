import { excerpt, nearest } from '../errors.ts'

/** The levels that have a name, and the priority that each stands for. */
export const LEVELS = { urgent: 1, high: 3, normal: 5, low: 7 } as const

/** How urgent a job is among the ready ones of its queue: 0 to 9, 0 first, or the name of a level. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | keyof typeof LEVELS

/** The priority of a job that says none. */
export const NORMAL: number = LEVELS.normal

/** Answers a priority as a number, undefined when none is given; notes a fault when it is something else. */
export function readPriority(value: unknown, where: string, faults: string[]): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 9) return value
  if (isLevel(value)) return LEVELS[value]
  const meant = typeof value === 'string' ? nearest(value, Object.keys(LEVELS)) : undefined
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`
  faults.push(
    `${where}: must be a whole number from 0 (first) to 9, or 'urgent', 'high', 'normal' or 'low', got ${excerpt(value)}${hint}`,
  )
  return undefined
}

const isLevel = (value: unknown): value is keyof typeof LEVELS =>
  typeof value === 'string' && Object.hasOwn(LEVELS, value)

/** The lane of ready in which jobs of a priority wait; undefined for the one of plain jobs. */
export const laneOf = (priority: number): string | undefined => (priority === NORMAL ? undefined : String(priority))

/** The priority of jobs in a lane, which its name begins with. */
export const priorityIn = (lane: string | undefined): number => (lane === undefined ? NORMAL : Number(lane[0]))
