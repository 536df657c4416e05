import { random } from './zones.ts'

const WRITTEN = `* * * * *|*/2 * * * *|*/5 * * * *|*/7 * * * *|*/10 * * * *|*/15 * * * *|*/20 * * * *|*/30 * * * *|*/45 * * * *
0 * * * *|15 * * * *|30 * * * *|59 * * * *|0,30 * * * *|5-59/10 * * * *|0-10 * * * *|50-10 * * * *|1,2,3,58 * * * *
0 0-23 * * *|5 */1 * * *|30 0-11,12-23 * * *|0 0 * * *|1 0 * * *|30 0 * * *|59 23 * * *|0 1 * * *|15 1 * * *|30 1 * * *|45 1 * * *
0 2 * * *|15 2 * * *|30 2 * * *|45 2 * * *|59 2 * * *|0 3 * * *|30 3 * * *|0 4 * * *|0 9 * * *|0 12 * * *|0 18 * * *|30 22 * * *
* 0 * * *|* 1 * * *|* 2 * * *|* 3 * * *|*/10 0 * * *|*/10 1 * * *|*/10 2 * * *|*/10 3 * * *|*/20 0-3 * * *|*/15 22-2 * * *|*/30 23 * * *
0-59 1 * * *|0-59 2 * * *|0-59 0-3 * * *|0,10,20,30,40,50 2 * * *|1-59/2 1-3 * * *|0-59/7 0,2 * 3-11 *
0 1-3 * * *|15,45 1-3 * * *|0 0,1,2,3 * * *|30 */2 * * *|0 */3 * * *|0 */6 * * *|0 */12 * * *|30 1-23/2 * * *|0 */5 * * *|0 22-2 * * *|20 23-1 * * *
0 2,14 * * *|0 0,12 * * *|30 0-5 * * *|45 0-22 * * *|0 1-23 * * *|0 8-18 * * 1-5|*/15 9-17 * * 1-5|0 9 * * MON-FRI|0 9 * * 1-5|0 9 * * 6,0|0 9 * * SAT,SUN
0 0 * * 0|0 0 * * 7|0 0 * * 0,7|30 2 * * 0|30 2 * * SUN|30 2 * * 7|15 1 * * 6|0 3 * * 5-7|0 0 * * FRI-MON|30 2 * * FRI-MON|0 2 * * 6-1|45 23 * * 4,5,6
0 0 1 * *|30 2 1 * *|0 0 15 * *|0 0 28 * *|0 0 29 * *|0 0 30 * *|0 0 31 * *|0 0 1,15 * *|30 2 25-31 * *|0 2 8-14 * *|30 1 1-7 * *|0 0 */2 * *|30 2 */2 * *|0 0 */5 * *
0 0 L * *|30 2 L * *|0 3 L-1 * *|30 2 L-3 * *|30 1 L-6 * *|0 0 LW * *|30 2 LW * *|0 2 1W * *|0 2 15W * *|30 2 29W * *|0 1 31W * *|0 0 1,L * *|0 0 15W,LW * *
0 0 * * 1#1|30 2 * * 0#2|30 2 * * 0#1|30 1 * * 0#4|30 2 * * 0#5|30 2 * * SUN#2|0 2 * * 5#5|0 0 * * 5L|30 2 * * 0L|30 1 * * SUNL|0 0 * * FRIL|15 2 * * 1,0L|0 2 * * 0#1,0#3|0 0 * * 1#1,3#4
0 0 13 * 5|30 2 1-7 * 0|30 2 25-31 * 0|0 0 */2 * 1|30 2 */2 * 0|20 0 1-10 * 0|0 0 */3 * */2|0 0 1 * 1-5|30 1 L * 0|30 2 15W * SUN|0 0 ? * 1|0 0 1 * ?|30 2 * * ?
0 0 1 1 *|0 0 29 2 *|30 2 * 3 *|30 2 * MAR *|30 2 * 3,10,11 *|30 1 * OCT-NOV *|0 2 * 9-4 *|0 0 * NOV-FEB *|30 2 * */3 0|0 2 1 */2 *|59 23 31 12 *|0 0 * 4-9 1-5|30 2 31 3 *|0 2 * 3 0L|30 2 * 4 0#1
0 7-9,16-18 * * 1-5|10,20,40 6,18 * * *|5/15 * * * *|3/20 2 * * *|0 2/6 * * *|0 0 10/7 * *|*/7,*/5 2 * * *|1-10,5 1 * * *|0,0 2,2 * * *|*/25 */5 * * *|0 0-6/2 * * *`

const WRITTEN_SECONDS = `* * * * * *|*/20 * * * * *|30 * * * * *|*/15 */5 * * * *|0 */10 * * * *|15 30 2 * * *|*/10 30 2 * * *|30 59 1 * * *|0 0 2 * * *|59 59 23 * * *
0,30 0 */2 * * *|5-55/10 15 1-3 * * *|* 30 2 * * *|* 0 3 * * 0|*/7 0-59/20 2 * * *|50-10 0 * * * *|10 * 2 * * *|0,20,40 15,45 0-3 * * 6,0|* 59 * L * *|30 0 0 1 * *
*/30 * 1,2 * * *|45 */15 22-2 * * *|*/13 2 2 * * SUN|1,2,3 0 0 29 2 *|0-4 0 9 * * 1-5|20/20 1 * * * *`

const lines = (text: string): readonly string[] => text.split(/[|\n]/).map((one) => one.trim())

/** How many expressions are drawn beside the written ones. */
const DRAWN = 60

/** The expressions that the oracle walks minute by minute. */
export const EXPRESSIONS: readonly string[] = [...lines(WRITTEN), ...drawn(DRAWN, 20_261_123)]

/** Those that it walks second by second. */
export const SECOND_EXPRESSIONS: readonly string[] = lines(WRITTEN_SECONDS)

/** Random expressions of hours near which clocks are changed; a seed decides them. */
function drawn(count: number, seed: number): readonly string[] {
  const next = random(seed)
  const from = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const item = (low: number, high: number): string =>
    from([
      () => `${whole(low, high)}`,
      () => `${whole(low, high)}-${whole(low, high)}`,
      () => `*/${whole(2, 9)}`,
      () => '*',
    ])()
  return Array.from({ length: count }, () => {
    const minutes = from([`${whole(0, 59)}`, `${whole(0, 59)},${whole(0, 59)}`, `*/${whole(2, 30)}`, item(0, 59)])
    const hours = from([
      `${whole(0, 4)}`,
      `${whole(0, 3)}-${whole(0, 4)}`,
      `${whole(0, 23)},${whole(0, 3)}`,
      item(0, 23),
    ])
    const days = from(['*', '*', '*', `${whole(1, 28)}-${whole(1, 28)}`, `*/${whole(2, 5)}`, 'L'])
    const weekdays = from(['*', '*', '*', '0', '6,0', `${whole(0, 6)}-${whole(0, 6)}`])
    return `${minutes} ${hours} ${days} ${from(['*', '*', '*', '3-11', '*/2'])} ${weekdays}`
  })
}
