const FIRST_USER = 1_000_001

/** The i-th payload: 94 bytes of JSON, the same in every row and for every system. */
export const payloadOf = (index) => ({
  to: `user${String(index + 1).padStart(7, '0')}@example.com`,
  template: 'trial-ending',
  userId: FIRST_USER + index,
  locale: 'en-GB',
})

/** Which payload it is. */
export const indexOf = ({ userId }) => userId - FIRST_USER

/** When jobs are due: `first` and every `step` ms, or anywhere within `within` ms after `first`, the same for every system. */
export function dueTimes({ first, step = 0, within = 0 }) {
  let state = 42
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return (index) => first + index * step + Math.floor(random() * within)
}
