/** What a command or script answered: texts and numbers, or bytes where they were asked for, nested as the server nests them. */
export type Reply = string | number | Buffer | null | readonly Reply[]

/** The text of a script, with and without the line of flags that some servers do not know. */
export type ScriptText = { readonly text: string; readonly flagless: string }

/** The n-th part of a script's answer. */
export const part = (reply: Reply, index: number): Reply => (Array.isArray(reply) ? (reply[index] ?? null) : null)

/** The word that a script answers first. */
export const word = (reply: Reply): string => String(part(reply, 0))
