import type { StandardSchemaV1 } from '@standard-schema/spec'

type Plain = string | number | boolean | null | undefined
type PlainTree = Plain | readonly PlainTree[] | { readonly [key: string]: PlainTree }

/** Types that would otherwise be told by one of their methods; what to take instead. */
type Advice<Input> = Input extends Date
  ? 'a Date, take z.iso.datetime().transform((text) => new Date(text))'
  : Input extends bigint
    ? 'a bigint, take it as text'
    : Input extends ReadonlyMap<unknown, unknown>
      ? 'a Map, take a record'
      : Input extends ReadonlySet<unknown>
        ? 'a Set, take an array'
        : Input extends ArrayBufferView
          ? 'bytes, take base64 text'
          : Input extends URL
            ? 'a URL, take its text'
            : Input extends symbol
              ? 'a symbol'
              : Input extends ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown)
                ? 'a function'
                : never

/** Every place of a schema's input that is not JSON, as texts; `never` when there is none. Looks eight levels deep. */
export type NotJson<Input, Output, At extends string, Depth extends readonly 1[] = []> = Depth['length'] extends 8
  ? never
  : [unknown] extends [Input]
    ? Coerced<Output, At>
    : [Input] extends [PlainTree]
      ? never
      : Within<Input, Output, At, Depth>

/** A schema that takes anything is trusted (each payload is checked), unless it makes of it what is not JSON. */
type Coerced<Output, At extends string> = [unknown] extends [Output]
  ? never
  : [Advice<Output>] extends [never]
    ? never
    : `${At} is coerced from anything to ${Advice<Output>}`

type Within<Input, Output, At extends string, Depth extends readonly 1[]> = Input extends Plain
  ? never
  : [Advice<Input>] extends [never]
    ? Input extends readonly unknown[]
      ? NotJson<Input[number], Output extends readonly unknown[] ? Output[number] : unknown, `${At}[]`, [...Depth, 1]>
      : {
          [Key in keyof Input & string]-?: NotJson<Input[Key], Part<Output, Key>, `${At}.${Key}`, [...Depth, 1]>
        }[keyof Input & string]
    : `${At} is ${Advice<Input>}`

type Part<Output, Key> = Key extends keyof Output ? Output[Key] : unknown

/** `unknown` for a schema whose input is JSON; else a type that nothing has, naming what is wrong. */
export type MustTakeJson<Schema extends StandardSchemaV1, At extends string> = [NotJsonIn<Schema, At>] extends [never]
  ? unknown
  : { readonly 'the input of this schema is not JSON': NotJsonIn<Schema, At> }

type NotJsonIn<Schema extends StandardSchemaV1, At extends string> = NotJson<
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  At
>
