import { describe, expect, it } from 'vitest';
import { added, clause, excluding, has, removed, toggled } from './clauses';

describe('a clause', () => {
  it('quotes what cannot stand bare', () => {
    expect(clause('srcaddr', '2001:db8::1')).toBe('srcaddr == 2001:db8::1');
    expect(clause('tag', 'web "shell"')).toBe(String.raw`tag == "web \"shell\""`);
  });

  it('asks for absence by the field alone', () => {
    expect(clause('dstport', null)).toBe('!dstport');
    expect(excluding('dstport', null)).toBe('dstport');
    expect(excluding('dstport', '22')).toBe('!(dstport == 22)');
  });
});

describe('adding', () => {
  it('narrows what is there', () => {
    expect(added('', 'dstport == 22')).toBe('dstport == 22');
    expect(added('action == REJECT ', 'dstport == 22')).toBe('action == REJECT && dstport == 22');
  });

  it('brackets alternatives first', () => {
    expect(added('dstport == 22 || srcport == 22', 'bytes > 1kB')).toBe(
      '(dstport == 22 || srcport == 22) && bytes > 1kB',
    );
    expect(added('(a == 1 or b == 2)', 'c == 3')).toBe('(a == 1 or b == 2) && c == 3');
    expect(added('tag == "x || y"', 'c == 3')).toBe('tag == "x || y" && c == 3');
  });
});

describe('taking away', () => {
  it('finds a clause however it is written', () => {
    expect(has('dst-port eq 22 AND action=="REJECT"', 'dstport == 22')).toBe(false);
    expect(has('log-status eq OK and action=="REJECT"', 'log_status == OK')).toBe(true);
    expect(has('log-status eq OK and action=="REJECT"', 'action == REJECT')).toBe(true);
    expect(has('not(dstport == 22)', '!(dstport == 22)')).toBe(true);
  });

  it('does not find one that stands in brackets or beside an alternative', () => {
    expect(has('!(dstport == 22)', 'dstport == 22')).toBe(false);
    expect(has('dstport == 22 || action == REJECT', 'dstport == 22')).toBe(false);
  });

  it('is the reverse of adding', () => {
    for (const filter of ['', 'bytes > 10MB', 'a == 1 && (b == 2 || c == 3)']) {
      const clause = 'dstport in {22, 80}';
      expect(toggled(toggled(filter, clause), clause)).toBe(filter);
    }
  });

  it('leaves the others as they were written', () => {
    expect(removed('a==1 &&  b  ==2 && c == 3', 'c == 3')).toBe('a==1 && b  ==2');
  });
});
