import { describe, expect, it } from 'vitest';
import type { MessageObject } from '../../lib/bindings';
import { decoded } from './decoded';

const request = (packets: string[], target = '/'): MessageObject =>
  ({
    protocol: 'http',
    summary: `GET ${target}`,
    packets,
    request: {
      start_line: `GET ${target} HTTP/1.1`,
      headers: [
        ['Accept', '*/*'],
        ['Host', 'shop.example.net'],
      ],
    },
    response: {
      start_line: 'HTTP/1.1 200 OK',
      headers: [['Content-Type', 'text/html']],
      body: { size: 8192 },
    },
    duration_ms: 41,
  }) as MessageObject;

describe('what a record’s packets say', () => {
  it('is the first request that they carry', () => {
    const found = decoded([request(['a@1']), request(['a@7'], '/x')], ['a@7']);
    expect(found).toMatchObject({
      title: 'HTTP request 2 of 2',
      lines: ['GET /x HTTP/1.1', 'Host: shop.example.net'],
      answer: '200 OK · 8,192 B · text/html · 41 ms',
      packet: 'a@7',
    });
  });

  it('is the conversation’s first where they carry none, and nothing where there is none', () => {
    expect(decoded([request(['a@1'])], [])?.title).toBe('HTTP request 1 of 1');
    expect(decoded([], ['a@1'])).toBeNull();
  });
});
