import { MorrowError } from '../errors.ts'

/** The address or port that a server was told to listen on cannot be had. */
export class ListenError extends MorrowError {
  override readonly name = 'ListenError'

  constructor(setting: string, host: string, port: number, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    super('MORROW_CONFIG', `${setting}: ${sentence(code, setting, host, port)}`, { cause })
  }
}

function sentence(code: string, setting: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `expected a free port, but another program listens on ${host}:${port}; end it, or choose another port: ${setting}=${port + 1}`
    case 'EACCES':
      return `expected a port that this user may open, got ${port}; choose one above 1023: ${setting}=5678`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `expected an address of this machine, got ${host}; leave HOST away for 127.0.0.1`
  }
  return `cannot listen on ${host}:${port} (${code})`
}
