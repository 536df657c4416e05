import type { StandardSchemaV1 } from '@standard-schema/spec'
import { z } from 'zod'
import { defineJob } from '../../src/job/definition.ts'

/** Checked by the compiler and never run: which schemas a payload may and may not have. */

interface Address {
  readonly street: string
  readonly lines?: readonly string[]
}
interface Parcel {
  readonly to: Address
  readonly sentAt: Date
}
declare const address: StandardSchemaV1<Address>
declare const parcel: StandardSchemaV1<Parcel>

const name = 'a'
const comment = z.object({
  text: z.string(),
  get replies() {
    return z.array(comment)
  },
})

defineJob({ name, payload: z.string() })
defineJob({ name, payload: z.object({ a: z.string().nullable(), b: z.array(z.number()).optional() }) })
defineJob({ name, payload: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }) })
defineJob({ name, payload: z.object({ at: z.string().pipe(z.coerce.date()) }) })
defineJob({ name, payload: z.object({ big: z.string().transform((text) => BigInt(text)) }) })
defineJob({ name, payload: z.object({ tags: z.array(z.string()).transform((tags) => new Set(tags)) }) })
defineJob({ name, payload: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') })]) })
defineJob({ name, payload: z.tuple([z.string(), z.number()]) })
defineJob({ name, payload: z.record(z.string(), z.unknown()) })
defineJob({ name, payload: z.object({ n: z.coerce.number(), any: z.any(), id: z.string().brand<'Id'>() }) })
defineJob({ name, payload: z.json() })
defineJob({ name, payload: comment })
defineJob({ name, payload: address })

// @ts-expect-error a Date
defineJob({ name, payload: z.date() })
// @ts-expect-error a Date in a property
defineJob({ name, payload: z.object({ at: z.date() }) })
// @ts-expect-error a Date that may be missing
defineJob({ name, payload: z.object({ at: z.date().optional() }) })
// @ts-expect-error a Date in a list of objects
defineJob({ name, payload: z.object({ visits: z.array(z.object({ at: z.date() })) }) })
// @ts-expect-error a Date as one of two
defineJob({ name, payload: z.object({ at: z.union([z.string(), z.date()]) }) })
// @ts-expect-error anything, made a Date
defineJob({ name, payload: z.coerce.date() })
// @ts-expect-error anything, made a Date, in a property
defineJob({ name, payload: z.object({ at: z.coerce.date() }) })
// @ts-expect-error a bigint
defineJob({ name, payload: z.object({ big: z.bigint() }) })
// @ts-expect-error a Map
defineJob({ name, payload: z.object({ map: z.map(z.string(), z.string()) }) })
// @ts-expect-error a Set
defineJob({ name, payload: z.object({ set: z.set(z.string()) }) })
// @ts-expect-error a function
defineJob({ name, payload: z.object({ call: z.custom<() => void>() }) })
// @ts-expect-error a symbol
defineJob({ name, payload: z.object({ symbol: z.symbol() }) })
// @ts-expect-error an instance of a class
defineJob({ name, payload: z.object({ url: z.instanceof(URL) }) })
// @ts-expect-error bytes
defineJob({ name, payload: z.object({ bytes: z.instanceof(Uint8Array) }) })
// @ts-expect-error a Date in an interface
defineJob({ name, payload: parcel })
// @ts-expect-error a result is JSON too
defineJob({ name, result: z.object({ at: z.date() }) })
