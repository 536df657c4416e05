import { mapOf } from './policy-schema.ts'
import { MOST_DATES, MOST_HOURS } from './read-calendars.ts'

type Schema = { readonly [key: string]: unknown }

const MONTH_DAY = '(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'
const ONE_DATE = `\\s*(\\d{4}-)?${MONTH_DAY}\\s*`
const DAY = '(sun(day)?|mon(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|fri(day)?|sat(urday)?)'

const date: Schema = { type: 'string', pattern: `^${ONE_DATE}(\\.\\.${ONE_DATE})?$` }
const days: Schema = { type: 'string', pattern: `^\\s*${anyCase(DAY)}(\\s*-\\s*${anyCase(DAY)})?\\s*$` }
const time = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?'

/** A JSON Schema (draft-07) of files of calendars. */
export function calendarsSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Morrow calendars',
    ...mapOf({ calendars: CALENDARS }, ['calendars']),
    definitions: { calendar: CALENDAR },
  }
}

const CALENDARS: Schema = {
  description: 'The calendars by name; names are unique over all files.',
  type: 'object',
  propertyNames: { pattern: '^[A-Za-z0-9][\\w.-]{0,99}$' },
  additionalProperties: { $ref: '#/definitions/calendar' },
}

const HOURS: Schema = mapOf(
  {
    days: {
      description: "Days of the week: 'sat-sun', or a list.",
      anyOf: [days, { type: 'array', items: days, minItems: 1 }],
    },
    from: { description: "When it begins, '00:00' unless said. Quote it.", type: 'string', pattern: `^${time}$` },
    to: {
      description: "When it ends, '24:00' unless said; earlier than from: on the next day. Quote it.",
      type: 'string',
      pattern: `^(${time}|24:00)$`,
    },
  },
  ['days'],
)

const CALENDAR: Schema = {
  ...mapOf({
    description: { description: 'What it is for, for people.', type: 'string', pattern: '\\S' },
    dates: {
      description: "Dates: '2026-12-25', '12-25' of each year, '2026-12-24..2027-01-02'.",
      anyOf: [date, { type: 'array', items: date, minItems: 1, maxItems: MOST_DATES }],
    },
    weekly: { description: 'Hours of each week.', type: 'array', items: HOURS, minItems: 1, maxItems: MOST_HOURS },
  }),
  anyOf: [{ required: ['dates'] }, { required: ['weekly'] }],
}

/** A pattern for words in small and capital letters: JSON Schema knows no flags. */
function anyCase(pattern: string): string {
  return pattern.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}
