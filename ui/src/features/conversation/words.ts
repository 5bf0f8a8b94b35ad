/** What is odd or missing, in sentences. */
import type {
  ConversationObject,
  Dialogue,
  Direction,
  GapObject,
  HttpMessage,
  MessageBody,
  StreamSide,
} from '../../lib/bindings';
import { endpoint, protocol } from '../../lib/format/names';
import { count, counted } from '../../lib/format/numbers';

const TCP = 6;

/** What the bytes of one direction are together. */
export function wholeOf(protocolNumber: number): string {
  return protocolNumber === TCP ? 'stream' : 'datagrams';
}

export function applicationOf({ application, protocol: number }: ConversationObject): string {
  if (application === null) return protocol(number).toUpperCase();
  return application.toUpperCase();
}

export function between(conversation: ConversationObject): string {
  const { client, client_port, server, server_port } = conversation;
  return `${endpoint(client, client_port)} → ${endpoint(server, server_port)}`;
}

const CAUSES: Record<string, string> = {
  lost: 'lost, no captured packet carried them',
  truncated: 'cut by the mirror, the captured packet is shorter than the one that was sent',
};

export function gapText({ length, cause }: GapObject, direction: Direction): string {
  const missing = length === 1 ? '1 byte' : `${count(length)} bytes`;
  const are = length === 1 ? 'is' : 'are';
  return `Gap: ${missing} from the ${direction} ${are} missing here: ${CAUSES[cause] ?? cause}.`;
}

/** What to know before reading the streams. */
export function remarks(dialogue: Dialogue, protocolNumber: number): string[] {
  const said: string[] = [];
  const sides: [Direction, StreamSide][] = [
    ['client', dialogue.client],
    ['server', dialogue.server],
  ];
  for (const [name, side] of sides) {
    if (side.conflicts > 0) {
      const times = side.conflicts === 1 ? 'once' : `${count(side.conflicts)} times`;
      said.push(
        `The ${name} sent the same place ${times} with different bytes: the first copy is shown, the receiver may have taken the other.`,
      );
    }
    if (side.retransmitted_segments > 0) {
      said.push(`The ${name} sent ${counted(side.retransmitted_segments, 'segment')} again.`);
    }
    if (protocolNumber === TCP && side.length > 0 && !side.start_seen) {
      said.push(`The start of the ${name}’s stream was not captured.`);
    }
  }
  if (dialogue.truncated) said.push('There is more than what is shown: the rest was left out.');
  return said;
}

export function bodyGapText([position, length]: [number, number]): string {
  const where = position === 0 ? 'before its first byte' : `after its byte ${count(position)}`;
  return `Gap: ${counted(length, 'byte')} of the body missing ${where}.`;
}

/** `text/html · gzip 2,114 → 8,192 B`. */
export function bodyLine(message: HttpMessage, body: MessageBody): string {
  const type = header(message, 'content-type')?.split(';')[0]?.trim();
  const coding = header(message, 'content-encoding');
  const size =
    body.wire_size === body.size
      ? `${count(body.size)} B`
      : `${coding ? `${coding} ` : ''}${count(body.wire_size)} → ${count(body.size)} B`;
  return [type, size].filter(Boolean).join(' · ');
}

function header(message: HttpMessage, name: string): string | undefined {
  return message.headers.find(([own]) => own.toLowerCase() === name)?.[1];
}

/** The first word of a request, and the status in a response. */
export function methodOf(request: HttpMessage | null): string | null {
  return request?.start_line.split(' ')[0] ?? null;
}

export function statusOf(response: HttpMessage | null): string | null {
  return response?.start_line.split(' ')[1] ?? null;
}

export function targetOf(request: HttpMessage | null): string | null {
  return request?.start_line.split(' ')[1] ?? null;
}

/** `0.021406`, or nothing where a time is not known. Unit of what comes in: µs. */
export function sinceBefore(before: number | null, at: number | null): string {
  if (before === null || at === null) return '';
  const since = at - before;
  return `${since < 0 ? '−' : ''}${(Math.abs(since) / 1e6).toFixed(6)}`;
}
