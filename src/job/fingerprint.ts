import { createHash } from 'node:crypto'

const LONGEST = 300

/** What differs from one job to the next in a message: quoted texts (also one that was cut off), addresses, ids, numbers. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/"[^"\n]*(?:"|$)|`[^`\n]*(?:`|$)|(?<!\w)'[^'\n]*'(?!\w)/g, '"…"'],
  [/[^\s@<>]+@[^\s@<>]+\.\w+/g, '…@…'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#'],
  [/\b(?=\w*\d)[\w-]{16,}\b/g, '#'],
  [/\b(?=[a-f]*\d)[0-9a-f]{6,}\b/gi, '#'],
  [/\d+(?:[.,:]\d+)*/g, '#'],
]

/** A message without what differs from one job to the next; its first line, at most 300 characters. */
export function maskedMessage(message: string): string {
  const [line = ''] = message.slice(0, 4 * LONGEST).split('\n')
  return VARYING.reduce((text, [varying, mask]) => text.replace(varying, mask), line).slice(0, LONGEST)
}

/**
 * Ten letters that errors of one cause share: of name, masked message and the first frame of the program's own code. Lines
 * and folders do not count, so that a deploy does not make another error of the same one.
 */
export function fingerprintOf(error: {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
}): string {
  const text = `${error.name}\n${maskedMessage(error.message)}\n${ownFrame(error.stack ?? '')}`
  return createHash('sha256').update(text).digest('hex').slice(0, 10)
}

/** 'send (jobs/mail.ts)' of '    at async send (file:///app/releases/7/jobs/mail.ts:12:9)'. */
function ownFrame(stack: string): string {
  for (const line of stack.split('\n')) {
    const [, name = '', path = ''] = /^\s+at (?:async )?(?:(.*?) \()?([^()]+?)(?::\d+)*\)?$/.exec(line) ?? []
    if (path === '' || /node_modules|^node:|^native$|<anonymous>/.test(path)) continue
    const [file] = path.replaceAll('\\', '/').split('?')
    return `${name} (${file?.split('/').slice(-2).join('/')})`
  }
  return ''
}
