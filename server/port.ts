/** The port a person asked for with `PORT` or `--port`, and the sentence when it is none. */

export function portFrom(text: string | undefined, fallback: number, setting = 'PORT'): number {
  if (text === undefined || text.trim() === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${setting} is "${text}", which is no port: a whole number from 0 to 65535 is.`);
  }
  return port;
}
