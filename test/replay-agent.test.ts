import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readJournal } from '../src/replay/journal.ts';
import { ModelledAgent } from '../src/replay/modelled-agent.ts';
import { recordedAgent } from '../src/replay/recorded-agent.ts';
import { AT } from './support/journal-rows.ts';
import { SyntheticCall } from './support/synthetic-call.ts';

function greeted(): SyntheticCall {
  return new SyntheticCall().send('line.started').pass(1600).send('agent.finished');
}

describe('the agent as recorded', () => {
  test('takes the time from asking to sound, and the length of what was said, pauses left out', () => {
    const call = greeted().send('caller.spoke').pass(500).send('caller.finished').pass(700);
    call.send('agent.audible').pass(1000).send('caller.spoke').pass(400).send('caller.ignored');
    const journal = readJournal(call.pass(2000).send('agent.finished').events);
    const { answers, clipMs } = recordedAgent(journal);
    assert.deepEqual(answers, [
      {
        isCut: false,
        steps: [
          { type: 'agent.audible', destination: undefined, afterMs: 700 },
          { type: 'agent.finished', destination: undefined, afterMs: 3000 },
        ],
      },
    ]);
    assert.deepEqual([...clipMs], [['greeting', 1600]]);
  });

  test('goes on after an interruption for as long as its sound had been made', () => {
    const call = greeted().send('caller.spoke').pass(500).send('caller.finished').pass(700);
    call.send('agent.audible');
    const beganAt = AT + call.nowMs;
    call.pass(1000).send('caller.spoke');
    const endedAt = AT + call.nowMs;
    call.note('playout.ended', { beganAt, endedAt, writtenMs: 2500, heardMs: 900 });
    const { answers } = recordedAgent(
      readJournal(call.pass(600).send('caller.interrupted').events),
    );
    assert.equal(answers[0]?.isCut, true);
    assert.equal(answers[0]?.steps[1]?.afterMs, 1000 + 1600);
  });

  test('has its tools, its failures and who was asked for', () => {
    const call = greeted()
      .send('caller.spoke', 'caller.finished')
      .pass(300)
      .send('agent.consulting');
    call
      .pass(400)
      .send('agent.consulted')
      .pass(500)
      .send('agent.audible')
      .pass(900)
      .send('agent.finished');
    call.send('caller.spoke', 'caller.finished').pass(1200).send('agent.failed').pass(900);
    call.send('agent.finished', 'caller.spoke', 'caller.finished').pass(800);
    call.send({ type: 'agent.transferred', destination: 'manager' });
    const { answers } = recordedAgent(readJournal(call.events));
    assert.deepEqual(
      answers.map(({ steps }) => steps.map(({ type, afterMs }) => `${type} ${afterMs}`)),
      [
        ['agent.consulting 300', 'agent.consulted 400', 'agent.audible 500', 'agent.finished 900'],
        ['agent.failed 1200'],
        ['agent.transferred 800'],
      ],
    );
    assert.equal(answers[2]?.steps[0]?.destination, 'manager');
  });
});

describe('the agent as modelled', () => {
  const RECORDED = {
    answers: [
      {
        isCut: false,
        steps: [
          { type: 'agent.audible', afterMs: 500 },
          { type: 'agent.finished', afterMs: 2000 },
        ],
      },
      { isCut: false, steps: [{ type: 'agent.failed', afterMs: 100 }] },
    ],
    clipMs: new Map([['filler', 900]]),
  };

  test('says its k-th answer as the k-th was said, and one that nobody heard again', () => {
    const agent = new ModelledAgent(RECORDED);
    agent.tell('prepare', 1000);
    assert.equal(agent.nextMs, Infinity);
    agent.tell('yield', 1200);
    agent.tell('prepare', 2000);
    agent.tell('reply', 2300);
    assert.equal(agent.nextMs, 2500);
    assert.deepEqual(agent.take(), { type: 'agent.audible' });
    assert.equal(agent.nextMs, 4500);
    assert.deepEqual(agent.take(), { type: 'agent.finished' });
    assert.equal(agent.nextMs, Infinity);
    agent.tell('reply', 6000);
    assert.equal(agent.nextMs, 6100);
    assert.deepEqual(agent.take(), { type: 'agent.failed' });
    // Beyond the record: as usual.
    agent.tell('reply', 7000);
    assert.equal(agent.nextMs, 7500);
  });

  test('is not heard before its word, nor before a filler is over', () => {
    const agent = new ModelledAgent(RECORDED);
    agent.tell('prepare', 0);
    agent.tell('reply', 800);
    assert.equal(agent.nextMs, 800);
    const slower = new ModelledAgent(RECORDED);
    slower.tell('reply', 0);
    slower.tell('fill filler', 400);
    assert.equal(slower.nextMs, 1300);
  });

  test('stops and goes on where it stopped; with nothing left it has finished', () => {
    const agent = new ModelledAgent(RECORDED);
    agent.tell('reply', 0);
    agent.take();
    agent.tell('hush', 1000);
    assert.equal(agent.nextMs, Infinity);
    agent.tell('resume', 1700);
    assert.equal(agent.nextMs, 2500 + 700);
    agent.take();
    agent.tell('hush', 4000);
    agent.tell('resume', 4100);
    assert.equal(agent.nextMs, 4100);
    assert.deepEqual(agent.take(), { type: 'agent.finished' });
  });
});
