/** Times in front of the lines of a kernel log. */

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
/** Seconds of the line's stamp, on whatever clock it is: only compared with others of the same log. */
export function timeOf(text: string): number {
  const uptime = /\[\s*(\d+\.\d{6})\]/.exec(text)
  if (uptime !== null) return Number(uptime[1])
  const syslog = /([A-Z][a-z]{2})\s+(\d{1,2}) (\d\d):(\d\d):(\d\d)/.exec(text)
  if (syslog !== null) {
    const month = MONTHS.indexOf(syslog[1]!) / 3
    const [day, hours, minutes, seconds] = syslog.slice(2).map(Number) as [
      number,
      number,
      number,
      number,
    ]
    return 1e9 + (((month * 31 + day) * 24 + hours) * 60 + minutes) * 60 + seconds
  }
  const iso = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)/.exec(text)
  return iso === null ? NaN : Date.parse(iso[1]!) / 1000
}

/** NaN unless the stamp is the kernel's own: others are of when the line arrived. */
export const exactly = (text: string, time: number): number =>
  /\[\s*\d+\.\d{6}\]/.test(text) ? time : NaN
