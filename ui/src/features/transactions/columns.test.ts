import { describe, expect, it } from 'vitest';
import type { TransactionObject } from '../../lib/bindings';
import { visible } from '../../lib/format/visible';
import { answer, sizes, tone, what } from './columns';

const empty: TransactionObject = {
  id: 't1',
  conversation: 'c1',
  protocol: 'http',
  time: '2026-03-03T09:41:38Z',
  complete: true,
  method: null,
  host: null,
  uri: null,
  uri_decoded: null,
  status: null,
  request_body_sha256: null,
  response_body_sha256: null,
  request_body_size: null,
  response_body_size: null,
  qname: null,
  qtype: null,
  rcode: null,
  answers: null,
  asked: null,
  answered: null,
  fields: [],
};
const http = {
  ...empty,
  method: 'GET',
  host: 'shop.example.net',
  uri: '/products?id=1%27',
  uri_decoded: "/products?id=1'",
  status: 200,
  response_body_size: 8192,
};
const dns = { ...empty, protocol: 'dns', qname: 'shop.example.net', qtype: 'A' };

describe('a transaction in the list', () => {
  it('says what was asked, decoded', () => {
    expect(what(http)).toBe("GET shop.example.net /products?id=1'");
    expect(what(dns)).toBe('shop.example.net A');
  });

  it('says it of protocols that are told field by field', () => {
    const hello = { ...empty, protocol: 'tls', asked: 'a.example for h2', answered: 'TLS 1.3' };
    expect([what(hello), answer(hello), tone(hello)]).toEqual([
      'a.example for h2',
      'TLS 1.3',
      'captured',
    ]);
    const silent = { ...hello, asked: '', answered: '' };
    expect([what(silent), answer(silent), tone(silent)]).toEqual([
      'no greeting of the client was captured',
      'none',
      'faint',
    ]);
  });

  it('says what came back', () => {
    expect(answer(http)).toBe('200');
    expect(answer({ ...dns, rcode: 'NOERROR', answers: ['10.0.0.1', '10.0.0.2'] })).toBe(
      'NOERROR · 10.0.0.1, 10.0.0.2',
    );
    expect(answer({ ...dns, rcode: 'NXDOMAIN', answers: [] })).toBe('NXDOMAIN');
  });

  it('says so where one half is missing', () => {
    expect(what({ ...empty, status: 200 })).toBe('no request was captured');
    expect(answer(dns)).toBe('none');
  });

  it('tells good answers from bad ones', () => {
    expect([http, { ...http, status: 404 }, dns].map(tone)).toEqual([
      'captured',
      'reject',
      'faint',
    ]);
  });

  it('gives the size of a body that there is', () => {
    expect(sizes(http, String)).toBe('– / 8192');
    expect(sizes(dns, String)).toBe('–');
  });
});

it('shows signs that would hide or turn the text around', () => {
  expect(visible('a\nb\u202ecod')).toBe('a␊b\ufffdcod');
});
