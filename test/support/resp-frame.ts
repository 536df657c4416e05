/**
 * Where the RESP value (2 or 3) that begins at `start` ends, or undefined while bytes are missing.
 * The protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export function frameEnd(bytes: Buffer, start: number): number | undefined {
  let open = 1
  let at = start
  while (open > 0) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const type = String.fromCharCode(bytes[at] ?? 0)
    const size = Number(bytes.toString('latin1', at + 1, lineEnd))
    at = lineEnd + 2
    open -= 1
    if (hasBody(type) && size >= 0) at += size + 2
    else open += children(type, size)
    if (at > bytes.length) return undefined
  }
  return at
}

/** Cuts all complete values off the front of `bytes`. */
export function frames(bytes: Buffer): { readonly whole: readonly Buffer[]; readonly rest: Buffer } {
  const whole: Buffer[] = []
  let at = 0
  for (let end = at < bytes.length ? frameEnd(bytes, at) : undefined; end !== undefined; ) {
    whole.push(bytes.subarray(at, end))
    at = end
    end = at < bytes.length ? frameEnd(bytes, at) : undefined
  }
  return { whole, rest: bytes.subarray(at) }
}

/** A server's message that answers no command (RESP3 only). */
export const isPush = (frame: Buffer): boolean => frame[0] === '>'.charCodeAt(0)

const hasBody = (type: string): boolean => type === '$' || type === '!' || type === '='

function children(type: string, size: number): number {
  if (size < 0) return 0
  if (type === '*' || type === '~' || type === '>') return size
  // An attribute stands before the value that it is about, so one more value follows.
  if (type === '|') return 2 * size + 1
  return type === '%' ? 2 * size : 0
}
