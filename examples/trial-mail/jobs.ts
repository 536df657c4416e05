import { defineJob } from 'morrow'
import { z } from 'zod'

/** Tells a customer that the trial ends. The web process imports this contract, and nothing of what sends mail. */
export const trialEnds = defineJob({
  name: 'trial-ends',
  queue: 'mail',
  payload: z.object({ to: z.email() }),
  retry: { attempts: 5 },
})

/** Tells the shop's owner what was sent since the last digest. */
export const sendDigest = defineJob({
  name: 'send-digest',
  queue: 'mail',
  payload: z.object({ to: z.email(), title: z.string().default('Digest') }),
})

/** Forgets what is not needed any more. */
export const cleanUp = defineJob({ name: 'clean-up' })

/** Every job type of the shop. */
export const jobs = [trialEnds, sendDigest, cleanUp] as const
