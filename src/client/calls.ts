import { ClientClosedError } from './errors.ts'

/** The calls of a client that are under way; closing waits for them and lets no further one begin. */
export type Calls = {
  /** The same call, counted while it is under way; ClientClosedError after closing has begun. */
  counted<Given extends readonly unknown[], Answer>(
    call: (...given: Given) => Promise<Answer>,
  ): (...given: Given) => Promise<Answer>
  /** Closes once; every call answers the same promise. */
  closing(close: () => Promise<void>): () => Promise<void>
}

/** Begins to count. */
export function openCalls(): Calls {
  let underWay = 0
  let closed: Promise<void> | undefined
  let drained: () => void = () => undefined
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      drained = resolve
      if (underWay === 0) resolve()
    })
  return {
    counted:
      (call) =>
      async (...given) => {
        if (closed) throw new ClientClosedError()
        underWay += 1
        try {
          return await call(...given)
        } finally {
          underWay -= 1
          if (underWay === 0) drained()
        }
      },
    closing: (close) => () => {
      closed ??= idle().then(close)
      return closed
    },
  }
}
