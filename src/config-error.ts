import { MorrowError } from './errors.ts'

/** A configuration that cannot be used; lists every fault at once. Processes end with exit code 78. */
export class ConfigError extends MorrowError {
  override readonly name = 'ConfigError'
  /** One sentence for each fault, beginning with the variable, flag or key that it is about. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    const list = faults.length === 1 ? (faults[0] ?? '') : [`${faults.length} faults:`, ...faults].join('\n  - ')
    super('MORROW_CONFIG', `The configuration cannot be used: ${list}`)
    this.faults = faults
  }
}
