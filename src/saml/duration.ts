const pattern = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/

/** Seconds of a year of 365 days, a month of 30, a day, an hour, a minute, a second. */
const secondsOf = [31_536_000, 2_592_000, 86_400, 3600, 60, 1]

/** The seconds of an `xs:duration` that is not negative; undefined when it is none. Fractions of a second are cut off. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null || text.length > 100) return undefined
  return secondsOf.reduce((total, seconds, index) => total + seconds * Number(match[index + 1] ?? 0), 0)
}
