/** Every key of one queue; all share the queue's hash tag, so that a script's keys lie in one slot of a cluster. */
export const queueKeys = (prefix: string, queue: string) => {
  const base = `${prefix}:{${queue}}`
  return {
    alarm: `${base}:alarm`, //         STRING  the instant until which the scheduler means to rest
    asleep: `${base}:asleep`, //       STRING  there while a worker waits for jobs
    cancels: `${base}:cancels`, //     HASH    page and slot of jobs that run and are cancelled -> since when
    channel: `${base}:wake`, //        CHANNEL wake-ups: `ready QUEUE`, `due QUEUE`, `cancel QUEUE PAGE SLOT`
    clients: `${base}:clients`, //     HASH    client -> number of the job awaited next
    counts: `${base}:counts`, //       HASH    place -> jobs there; totals
    dead: `${base}:dead`, //           ZSET    page and slot by the instant of death
    ended: `${base}:ended`, //         LIST    runs of ended jobs, oldest left
    forget: `${base}:forget`, //       LIST    own ids of ended jobs, oldest left
    former: `${base}:clients:former`, // HASH  clients not heard of since the last turn
    held: `${base}:held:`, //          LISTs   by job name: held jobs, oldest left
    holds: `${base}:holds`, //         ZSET    job names that are held, by since when
    keeper: `${base}:keeper`, //       HASH    the scheduler that looks at the due instant itself
    lane: `${base}:ready:`, //         LISTs   by lane: as ready, of jobs that have one
    lanes: `${base}:ready:lanes`, //   ZSET    lanes that may have jobs, by priority; there while `lanes` in counts says so
    leases: `${base}:leases`, //       ZSET    owner by the instant its lease ends
    ledgers: `${base}:ledger:`, //     LISTs   by schedule: what became of its ticks
    names: `${base}:names:`, //        HASHes  by schedule: what the numbers in its ledger stand for; definitions
    own: `${base}:own`, //             HASH    job name and own id -> page, slot, payload hash
    owners: `${base}:owner:`, //       HASHes  by owner: call number -> runs of jobs it took
    pages: `${base}:p:`, //            LISTs   64 jobs of one client: head, then records; STRINGs: payloads apart
    pauses: `${base}:pauses`, //       HASH    why the queue is paused: by itself, with everything
    ready: `${base}:ready`, //         LIST    runs of ready jobs (page, first slot, count), oldest left
    scheduled: `${base}:scheduled`, // ZSET    page by the earliest due instant in it
    schedules: `${base}:schedule:`, // HASHes  by schedule: definition, version, count
    ticks: `${base}:ticks`, //         ZSET    schedule by the instant of its next tick
    turned: `${base}:turned`, //       STRING  when clients became former last
    waits: `${base}:waits`, //         HASH    schedule -> number of its job that waits behind an earlier one
  } as const
}

/** The keys of one queue, by name. */
export type QueueKeys = ReturnType<typeof queueKeys>

/** Every key of the namespace that belongs to no queue; each is used by commands of one key. */
export const spaceKeys = (prefix: string) => ({
  layout: `${prefix}:layout`, //       STRING  the version of this layout
  queues: `${prefix}:queues`, //       HASH    token -> name of queue
  paused: `${prefix}:paused`, //       STRING  why everything is paused
  processes: `${prefix}:processes`, // HASH    process -> what it says of itself
  seen: `${prefix}:seen`, //           ZSET    process by when it was seen last
  left: `${prefix}:left`, //           ZSET    generation of schedule files by when a process that had it left
  environment: `${prefix}:environment`, // STRING the environment whose processes move jobs here
  schedules: `${prefix}:schedules`, // HASH    schedule name -> id and queue
  generation: `${prefix}:generation`, // HASH the sets of schedule files by number, and which is in force
  canary: `${prefix}:canary`, //       HASH    when the tick of each minute went the whole way last
  clock: `${prefix}:clock`, //         STRING  the offset of Redis' clock that a person accepted
  wakes: `${globless(prefix)}:{*}:wake`, // PATTERN of all wake-up channels
})

/** The keys of the namespace, by name. */
export type SpaceKeys = ReturnType<typeof spaceKeys>

/** The namespace of a simulation below an application's; `begun` is an instant in base 36, by which one that was killed is known to be over. */
export const simulationPrefix = (below: string, begun: string, random: string): string =>
  `${below}:simulation:${begun}-${random}`

/** The keys of all simulations below a namespace: their pattern, and when the one that a key belongs to began; undefined for any other key. */
export const simulationKeys = (below: string) => ({
  all: `${globless(below)}:simulation:*`,
  begunOf: (key: string): string | undefined => SIMULATION.exec(key.slice(below.length))?.[1],
})

const SIMULATION = /^:simulation:([0-9a-z]+)-[0-9a-f]{20}:/

/** A text in which nothing stands for anything else, within a pattern. */
export const globless = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')
