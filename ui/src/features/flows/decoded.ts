/** The first words of a decoded request. */
import type { HttpMessage, MessageObject } from '../../lib/bindings';
import { count } from '../../lib/format/numbers';
import { duration } from '../../lib/format/time';

export interface Decoded {
  /** `HTTP request 1 of 7`. */
  title: string;
  lines: string[];
  /** What was answered. */
  answer: string | null;
  /** The packet that began it. */
  packet: string | null;
}

/** Headers that say the most about a request. */
const TELLING = ['host', 'user-agent'];
const KINDS: Record<string, string> = { http: 'HTTP request', dns: 'DNS query' };

/** The first of the messages that the packets carry, or else the first of all. */
export function decoded(messages: MessageObject[], packets: string[]): Decoded | null {
  const here = new Set(packets);
  const within = messages.findIndex((message) => message.packets.some((id) => here.has(id)));
  const at = Math.max(0, within);
  const message = messages[at];
  if (!message) return null;
  const kind = KINDS[message.protocol] ?? `${message.protocol.toUpperCase()} message`;
  return {
    title: `${kind} ${count(at + 1)} of ${count(messages.length)}`,
    lines: message.request ? requestLines(message.request) : [message.summary],
    answer: answerOf(message),
    packet: message.packets[0] ?? null,
  };
}

function requestLines({ start_line, headers }: HttpMessage): string[] {
  const told = headers.filter(([name]) => TELLING.includes(name.toLowerCase()));
  return [start_line, ...told.map(([name, value]) => `${name}: ${value}`)];
}

function answerOf({ response, duration_ms }: MessageObject): string | null {
  if (!response) return null;
  const type = response.headers.find(([name]) => name.toLowerCase() === 'content-type');
  return [
    response.start_line.replace(/^HTTP\/\S+\s+/, ''),
    response.body && `${count(response.body.size)} B`,
    type?.[1],
    duration_ms !== null && duration(duration_ms / 1000),
  ]
    .filter((part) => typeof part === 'string')
    .join(' · ');
}
