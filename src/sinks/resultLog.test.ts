/** The log of results and its notices: bounded, searchable, and safe to open elsewhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAlertRules, ruleText } from '../core/alertRules.ts';
import type { LogRow } from '../core/logRow.ts';
import { createAlerts } from './alerts.ts';
import { createResultLog } from './resultLog.ts';
import { rowsOf } from './rowsOf.ts';

const row = (frame: number, label = 'person', score = 0.9): LogRow => ({
  at: frame * 100,
  source: 'scene',
  frame,
  label,
  score,
});

describe('the log', () => {
  it('keeps the newest of any number, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (batches, capacity) => {
        const log = createResultLog(capacity);
        let frame = 0;
        for (const size of batches) log.add(Array.from({ length: size }, () => row(frame++)));
        const { rows, kept, total, matching } = log.look('', 1000);
        expect([kept, total, matching]).toEqual([Math.min(frame, capacity), frame, kept]);
        expect(rows.map((each) => each.frame)).toEqual(Array.from({ length: kept }, (_, i) => frame - 1 - i));
        const lines = log.jsonLines().split('\n').filter(Boolean);
        expect(lines.map((line) => (JSON.parse(line) as LogRow).frame)).toEqual(
          rows.map((each) => each.frame).toReversed(),
        );
      }),
    );
  });

  it('finds rows by all words in label or source, and says how many there are', () => {
    const log = createResultLog();
    log.add([row(1, 'Traffic light'), row(2, 'person'), row(3, 'traffic sign')]);
    expect(log.look('traffic SCENE', 1)).toMatchObject({ matching: 2, kept: 3, rows: [{ frame: 3 }] });
    log.clear();
    expect(log.look('', 10)).toEqual({ rows: [], matching: 0, kept: 0, total: 0 });
  });

  it('writes CSV that a spreadsheet does not run', () => {
    const log = createResultLog();
    log.add([{ ...row(1, '=cmd(), "x"'), box: [1, 2, 3, 4] }, row(2)]);
    expect(log.csv()).toBe(
      'time,source,frame,label,score,x,y,width,height\r\n' +
        '1970-01-01T00:00:00.100Z,scene,1,"\'=cmd(), ""x""",0.9,1,2,3,4\r\n' +
        '1970-01-01T00:00:00.200Z,scene,2,person,0.9,,,,\r\n',
    );
  });

  it('takes from each task what has a label and a score', () => {
    const when = { at: 1, source: 's', frame: 7 };
    const box = [0, 0, 1, 1] as const;
    const items = Array.from({ length: 80 }, () => ({ label: 'a', score: 0.5, box }));
    expect(rowsOf({ kind: 'detection', items }, when)).toHaveLength(50);
    expect(
      rowsOf(
        {
          kind: 'classification',
          items: [
            { label: 'a', index: 0, score: 0.7 },
            { label: 'b', index: 1, score: 0.3 },
          ],
        },
        when,
      ),
    ).toEqual([{ ...when, label: 'a', score: 0.7 }]);
    const points = [
      { x: 0, y: 0, score: 0.8 },
      { x: 0, y: 0, score: 0.1 },
    ];
    expect(rowsOf({ kind: 'keypoints', items: points, scoreThreshold: 0.5 }, when)).toEqual([
      { ...when, label: '1 points', score: 0.8 },
    ]);
    expect(rowsOf({ kind: 'tensors', items: [] }, when)).toEqual([]);
  });
});

describe('notices', () => {
  it('are written as a person says them', () => {
    expect(parseAlertRules(' person > 0.8 for 2 s; Any>.5 ;')).toEqual([
      { label: 'person', score: 0.8, forS: 2 },
      { label: 'any', score: 0.5, forS: 0 },
    ]);
    expect(parseAlertRules('')).toEqual([]);
    expect(() => parseAlertRules('person over 0.8')).toThrow('"person over 0.8" is no notice');
    expect(ruleText({ label: 'person', score: 0.8, forS: 2 })).toBe('person above 0.8 for 2 s');
  });

  it('come once when a rule has held long enough without a gap, and again after it ended', () => {
    const alerts = createAlerts();
    alerts.setRules(parseAlertRules('person > 0.8 for 2 s'));
    const told = (at: number, score: number, source = 'scene') =>
      alerts.look(source, at, [row(at, 'Person', score)]).length;
    expect([0, 1000, 1900].map((at) => told(at, 0.9))).toEqual([0, 0, 0]);
    expect([2000, 2100].map((at) => told(at, 0.9))).toEqual([1, 0]);
    expect(alerts.look('scene', 2200, [])).toEqual([]);
    expect([2300, 4200, 4300].map((at) => told(at, 0.9))).toEqual([0, 0, 1]);
    expect(told(4400, 0.8)).toBe(0);
    // Another source has a time of its own.
    expect([0, 2000].map((at) => told(at, 0.9, 'camera'))).toEqual([0, 1]);
  });
});
