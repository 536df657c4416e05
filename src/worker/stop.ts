import type { Stop } from './attempt.ts'

/** Tells a handler to stop; the first reason counts. */
export function tellToStop(stop: Stop, reason: unknown): void {
  stop.reason ??= reason
  stop.controller?.abort(stop.reason)
}
